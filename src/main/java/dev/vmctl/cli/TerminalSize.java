package dev.vmctl.cli;

import java.time.Duration;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** How many characters a terminal has room for, across and down. */
record TerminalSize(int columns, int lines) {
  static final TerminalSize USUAL = new TerminalSize(80, 24);

  /** That of the process's terminal, also after somebody has changed it. */
  static Supplier<TerminalSize> followed(LongSupplier nanoTime) {
    return new Followed(nanoTime);
  }

  /** Measured anew now and then: the JDK has no supported way to hear of a change. */
  private static final class Followed implements Supplier<TerminalSize> {
    private static final Duration EVERY = Duration.ofSeconds(1);

    private final LongSupplier nanoTime;
    private @Nullable TerminalSize latest;
    private long measuredAt;

    Followed(LongSupplier nanoTime) {
      this.nanoTime = nanoTime;
    }

    @Override
    public synchronized TerminalSize get() {
      TerminalSize size = latest;
      long now = nanoTime.getAsLong();
      if (size == null || now - measuredAt >= EVERY.toNanos()) {
        size = TerminalMode.measured();
        latest = size;
        measuredAt = now;
      }
      return size;
    }
  }
}
