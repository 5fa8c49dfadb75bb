package dev.vmctl.image;

import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * Reads a stream in a thread of its own, at most {@value #BUFFERS} buffers ahead, so that
 * receiving, decompressing and digesting go on at the same time. What fails there fails here.
 */
final class ReadAhead extends InputStream {
  private static final int BUFFERS = 4;
  private static final int BUFFER = 1 << 18;

  /**
   * @param length how much is in it; -1 at the end, or when it failed
   */
  private record Piece(byte[] bytes, int length, @Nullable Throwable failure) {}

  private final InputStream source;
  private final BlockingQueue<Piece> full = new ArrayBlockingQueue<>(BUFFERS + 1);
  private final BlockingQueue<byte[]> empty = new ArrayBlockingQueue<>(BUFFERS);
  private final Thread reader;
  private @Nullable Piece current;
  private int position;

  /**
   * @param source closed by the thread that reads it
   */
  ReadAhead(InputStream source, String name) {
    this.source = source;
    for (int i = 0; i < BUFFERS; i++) {
      empty.add(new byte[BUFFER]);
    }
    // Virtual: an interruption closes the socket it reads, which ends a read that is stuck.
    this.reader = Thread.ofVirtual().name("image-" + name).start(this::pump);
  }

  private void pump() {
    try (source) {
      int count;
      do {
        byte[] buffer = empty.take();
        count = fill(buffer);
        full.put(new Piece(buffer, count, null));
      } while (count >= 0);
    } catch (Throwable e) {
      // There is room for one more than there are buffers.
      full.add(new Piece(new byte[0], -1, e));
    }
  }

  /** As much as comes without a pause, at least something; -1 at the end. */
  private int fill(byte[] buffer) throws IOException {
    int count = source.read(buffer, 0, buffer.length);
    while (count > 0 && count < buffer.length && source.available() > 0) {
      int more = source.read(buffer, count, buffer.length - count);
      if (more < 0) {
        break;
      }
      count += more;
    }
    return count;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    Piece piece = current;
    if (piece == null || (piece.length() >= 0 && position == piece.length())) {
      if (piece != null) {
        empty.add(piece.bytes());
      }
      piece = take();
      current = piece;
      position = 0;
    }
    if (piece.failure() != null) {
      throw rethrown(piece.failure());
    }
    if (piece.length() < 0) {
      return -1;
    }
    int count = Math.min(length, piece.length() - position);
    System.arraycopy(piece.bytes(), position, target, offset, count);
    position += count;
    return count;
  }

  private Piece take() throws IOException {
    try {
      return full.take();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BrokenOffException("was interrupted", e);
    }
  }

  private static IOException rethrown(Throwable failure) {
    return switch (failure) {
      case IOException known -> known;
      case RuntimeException unchecked -> throw unchecked;
      case Error error -> throw error;
      case Throwable other -> new BrokenOffException("was interrupted", other);
    };
  }

  /** Ends the reading, and waits until it has ended. */
  @Override
  public void close() {
    reader.interrupt();
    boolean interrupted = false;
    while (true) {
      try {
        reader.join();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
