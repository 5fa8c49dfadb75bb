package dev.vmctl.source.git;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.time.Duration;

/** What one fetch may take: bytes off the network, and time. */
final class Budget {
  /** No repository of VMFiles takes longer; a slow one shall not hold its thread for ever. */
  static final Duration LONGEST = Duration.ofMinutes(5);

  private final long bytes;
  private final long end;

  Budget(long bytes, Duration time) {
    this.bytes = bytes;
    this.end = System.nanoTime() + time.toNanos();
  }

  /** The repository is larger than it may be. */
  static final class ExceededException extends IOException {
    private static final long serialVersionUID = 1L;

    ExceededException(long bytes) {
      super(
          "it is larger than the "
              + (bytes >> 20)
              + " MiB that are allowed; raise max-size, or keep large files elsewhere");
    }
  }

  boolean isOver() {
    return System.nanoTime() - end > 0;
  }

  /** The same stream, which fails once more is read or it takes longer than the budget has. */
  InputStream bound(InputStream in) {
    return new FilterInputStream(in) {
      private long left = bytes;

      @Override
      public int read() throws IOException {
        int value = super.read();
        spend(value < 0 ? 0 : 1);
        return value;
      }

      @Override
      public int read(byte[] buffer, int offset, int length) throws IOException {
        int count = super.read(buffer, offset, length);
        spend(Math.max(count, 0));
        return count;
      }

      private void spend(int count) throws IOException {
        left -= count;
        if (left < 0) {
          throw new ExceededException(bytes);
        }
        if (isOver()) {
          throw new InterruptedIOException(
              "it takes longer than " + LONGEST.toMinutes() + " minutes");
        }
      }
    };
  }
}
