package dev.vmctl.console;

import dev.vmctl.api.ConsoleAccess;
import dev.vmctl.api.TrustedAuthorities;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a WebSocket's binary messages. What comes as text is for programs and is passed
 * over. One thread reads, another may write.
 */
final class WebSocketChannel implements ByteChannel {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final ByteBuffer END = ByteBuffer.allocate(0);

  private final HttpClient client;
  private final BlockingQueue<ByteBuffer> received = new LinkedBlockingQueue<>();
  private final WebSocket socket;
  private volatile @Nullable Throwable failure;
  private volatile boolean open = true;
  private ByteBuffer current = ByteBuffer.allocate(0);

  private WebSocketChannel(ConsoleAccess.WebSocketAccess access) throws IOException {
    HttpClient.Builder http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .proxy(HttpClient.Builder.NO_PROXY)
            .connectTimeout(PATIENCE);
    if (access.authorities() != null) {
      http.sslContext(TrustedAuthorities.context(access.authorities()));
    }
    client = http.build();
    WebSocket.Builder builder = client.newWebSocketBuilder().connectTimeout(PATIENCE);
    access.headers().forEach(builder::header);
    try {
      socket = await(builder.buildAsync(access.uri(), new Receiver()));
    } catch (IOException e) {
      client.shutdownNow();
      throw e;
    }
  }

  /**
   * @throws IOException when nobody takes it
   */
  static WebSocketChannel open(ConsoleAccess.WebSocketAccess access) throws IOException {
    return new WebSocketChannel(access);
  }

  @Override
  public int read(ByteBuffer into) throws IOException {
    if (!current.hasRemaining()) {
      try {
        current = received.take();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("interrupted while waiting for the console");
      }
    }
    if (current == END) {
      received.add(END);
      Throwable broken = failure;
      if (broken != null && open) {
        throw new IOException("the connection broke: " + broken.getMessage(), broken);
      }
      return -1;
    }
    int count = Math.min(into.remaining(), current.remaining());
    into.put(current.slice(current.position(), count));
    current.position(current.position() + count);
    if (!current.hasRemaining()) {
      socket.request(1);
    }
    return count;
  }

  @Override
  public int write(ByteBuffer bytes) throws IOException {
    int count = bytes.remaining();
    // It keeps the buffer until it is sent, so the sending is waited for.
    await(socket.sendBinary(bytes, true));
    return count;
  }

  private static <T> T await(Future<T> future) throws IOException {
    try {
      return future.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting for the console");
    } catch (ExecutionException e) {
      throw new IOException(String.valueOf(e.getCause()), e.getCause());
    } catch (TimeoutException e) {
      throw new IOException("no answer within " + PATIENCE.toSeconds() + " s", e);
    }
  }

  @Override
  public boolean isOpen() {
    return open;
  }

  @Override
  public void close() {
    open = false;
    socket.abort();
    client.shutdownNow();
    received.add(END);
  }

  private final class Receiver implements WebSocket.Listener {
    @Override
    public @Nullable CompletionStage<?> onBinary(WebSocket from, ByteBuffer bytes, boolean isLast) {
      // The buffer is taken back when this returns.
      ByteBuffer copy = ByteBuffer.allocate(bytes.remaining()).put(bytes).flip();
      if (copy.hasRemaining()) {
        received.add(copy);
      } else {
        from.request(1);
      }
      return null;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket from, int code, String reason) {
      received.add(END);
      return null;
    }

    @Override
    public void onError(WebSocket from, Throwable error) {
      failure = error;
      received.add(END);
    }
  }
}
