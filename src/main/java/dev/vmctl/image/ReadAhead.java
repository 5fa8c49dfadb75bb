package dev.vmctl.image;

import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * Reads a stream in a thread of its own, at most {@value #PIECES} pieces ahead, so that receiving,
 * decompressing, digesting and writing go on at the same time. What fails there fails here.
 */
final class ReadAhead implements AutoCloseable {
  private static final int PIECES = 8;

  /**
   * @param piece null at the end, or when it failed
   */
  private record Next(@Nullable Piece piece, @Nullable Throwable failure) {}

  private final InputStream source;
  private final BlockingQueue<Piece> free = Piece.several(PIECES);
  private final BlockingQueue<Next> read = new ArrayBlockingQueue<>(PIECES + 1);
  private final Thread reader;

  /**
   * @param source closed by the thread that reads it
   * @param thread which one: of a socket a virtual one, whose interruption closes it, which ends a
   *     read that is stuck; to compute, one that takes no virtual one's place
   */
  ReadAhead(InputStream source, Thread.Builder thread) {
    this.source = source;
    this.reader = thread.start(this::pump);
  }

  private void pump() {
    try (source) {
      for (Piece piece = filled(); piece != null; piece = filled()) {
        read.put(new Next(piece, null));
      }
      read.put(new Next(null, null));
    } catch (Throwable e) {
      // There is room for one more than there are pieces.
      read.add(new Next(null, e));
    }
  }

  /** As much as comes without a pause, at least something; null at the end. */
  private @Nullable Piece filled() throws IOException, InterruptedException {
    Piece piece = free.take();
    int length = source.read(piece.bytes(), 0, Piece.SIZE);
    while (length > 0 && length < Piece.SIZE && source.available() > 0) {
      int more = source.read(piece.bytes(), length, Piece.SIZE - length);
      if (more < 0) {
        break;
      }
      length += more;
    }
    if (length < 0) {
      return null;
    }
    piece.use();
    piece.length(length);
    return piece;
  }

  /** What comes next, to be released; null at the end. */
  @Nullable Piece next() throws IOException {
    Next next;
    try {
      next = read.take();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BrokenOffException("was interrupted", e);
    }
    if (next.failure() != null) {
      throw rethrown(next.failure());
    }
    return next.piece();
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
