package dev.vmctl.cli;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/** For files and pipes: a line whenever something has changed. */
final class PlainProgress implements Progress {
  private final Terminal terminal;
  private final LongSupplier nanoTime;
  private final long start;
  private final Map<String, String> phases = new HashMap<>();

  PlainProgress(Terminal terminal, LongSupplier nanoTime) {
    this.terminal = terminal;
    this.nanoTime = nanoTime;
    this.start = nanoTime.getAsLong();
  }

  @Override
  public synchronized void phase(String vm, String phase) {
    if (!phase.equals(phases.put(vm, phase))) {
      terminal.say(vm + ": " + phase + elapsed());
    }
  }

  @Override
  public synchronized void end(String vm, String phase, boolean reached) {
    terminal.say(vm + ": " + phase + elapsed());
  }

  @Override
  public synchronized void output(String vm, String line) {
    terminal.say("[" + vm + "] " + line);
  }

  @Override
  public void tick() {
    // Nothing changes by time alone.
  }

  @Override
  public void close() {
    // Every line was written at once.
  }

  private String elapsed() {
    return " (" + DurationText.of(Duration.ofNanos(nanoTime.getAsLong() - start)) + ")";
  }
}
