package dev.vmctl.cli;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import sun.misc.Signal;

/** How many characters a terminal has room for, across and down. */
record TerminalSize(int columns, int lines) {
  static final TerminalSize USUAL = new TerminalSize(80, 24);

  /** That of the process's terminal, also after somebody has changed it. */
  static Supplier<TerminalSize> followed() {
    AtomicBoolean stale = new AtomicBoolean(true);
    AtomicReference<TerminalSize> size = new AtomicReference<>(USUAL);
    Signal.handle(new Signal("WINCH"), changed -> stale.set(true));
    return () -> {
      if (stale.getAndSet(false)) {
        size.set(TerminalMode.measured());
      }
      return size.get();
    };
  }
}
