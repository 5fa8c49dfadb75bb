package dev.vmctl.image;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow.Subscription;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The body of a response as a stream that does not wait for ever (the JDK's own does) and holds
 * little: at most {@value #AHEAD} buffers are asked for ahead of the reader. Its failures are
 * {@link BrokenOffException}s, so that they can be told from those of what decodes the stream.
 */
final class BodyStream extends InputStream implements BodySubscriber<InputStream> {
  private static final int AHEAD = 32;

  /** The body did not arrive whole. */
  static final class BrokenOffException extends IOException {
    private static final long serialVersionUID = 1L;

    BrokenOffException(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  private sealed interface Signal {
    record Data(List<ByteBuffer> buffers) implements Signal {}

    record End() implements Signal {}

    record Failure(Throwable cause) implements Signal {}
  }

  private final Duration stalled;
  private final LongConsumer received;
  private final CompletableFuture<Subscription> subscription = new CompletableFuture<>();
  private final BlockingQueue<Signal> signals = new LinkedBlockingQueue<>();
  private final Queue<ByteBuffer> ready = new ArrayDeque<>();
  private long bytes;
  private boolean ended;

  /**
   * @param stalled longest wait for the next bytes
   * @param received told the number of bytes taken so far, by the reading thread
   */
  BodyStream(Duration stalled, LongConsumer received) {
    this.stalled = stalled;
    this.received = received;
  }

  @Override
  public CompletionStage<InputStream> getBody() {
    return CompletableFuture.completedStage(this);
  }

  @Override
  public void onSubscribe(Subscription newSubscription) {
    if (subscription.complete(newSubscription)) {
      newSubscription.request(AHEAD);
    } else {
      newSubscription.cancel();
    }
  }

  @Override
  public void onNext(List<ByteBuffer> buffers) {
    signals.add(new Signal.Data(buffers));
  }

  @Override
  public void onError(Throwable cause) {
    signals.add(new Signal.Failure(cause));
  }

  @Override
  public void onComplete() {
    signals.add(new Signal.End());
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    ByteBuffer buffer = next();
    if (buffer == null) {
      return -1;
    }
    int count = Math.min(length, buffer.remaining());
    buffer.get(target, offset, count);
    bytes += count;
    received.accept(bytes);
    return count;
  }

  /** A buffer with something in it; null at the end. */
  private @Nullable ByteBuffer next() throws IOException {
    while (true) {
      ByteBuffer buffer = ready.peek();
      if (buffer != null && buffer.hasRemaining()) {
        return buffer;
      }
      if (buffer != null) {
        ready.remove();
      } else if (ended) {
        return null;
      } else {
        take();
      }
    }
  }

  private void take() throws IOException {
    switch (await()) {
      case Signal.Data(List<ByteBuffer> buffers) -> {
        ready.addAll(buffers);
        subscription.join().request(1);
      }
      case Signal.End() -> ended = true;
      case Signal.Failure(Throwable cause) ->
          throw new BrokenOffException(
              "broke off after " + bytes + " bytes: " + cause.getMessage(), cause);
    }
  }

  private Signal await() throws IOException {
    try {
      Signal signal = signals.poll(stalled.toMillis(), TimeUnit.MILLISECONDS);
      if (signal == null) {
        throw new BrokenOffException(
            "stalled after " + bytes + " bytes: nothing came for " + stalled.toSeconds() + " s",
            null);
      }
      return signal;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BrokenOffException("was interrupted after " + bytes + " bytes", e);
    }
  }

  /** Tells the server's side that no more is wanted. */
  @Override
  public void close() {
    if (subscription.isDone()) {
      subscription.join().cancel();
    }
    ended = true;
    ready.clear();
  }
}
