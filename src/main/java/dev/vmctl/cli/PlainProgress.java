package dev.vmctl.cli;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;

/**
 * For files and pipes: a line whenever something has changed; when only numbers have, now and then.
 */
final class PlainProgress implements Progress {
  private static final Duration EVERY = Duration.ofSeconds(10);

  /** Also what stands between them in times, as in "1 min 3 s". */
  private static final Pattern FIGURES =
      Pattern.compile("([0-9]+(\\.[0-9]+)?( (min|[sh])\\b ?)*)+");

  private final Terminal terminal;
  private final LongSupplier nanoTime;
  private final long start;
  private final Map<String, Said> said = new HashMap<>();

  /**
   * @param shape what was said, whatever its numbers
   */
  private record Said(String shape, long at) {}

  PlainProgress(Terminal terminal, LongSupplier nanoTime) {
    this.terminal = terminal;
    this.nanoTime = nanoTime;
    this.start = nanoTime.getAsLong();
  }

  @Override
  public synchronized void phase(String vm, String phase) {
    Said before = said.get(vm);
    long now = nanoTime.getAsLong();
    String shape = FIGURES.matcher(phase).replaceAll("0");
    if (before == null || !shape.equals(before.shape()) || now - before.at() >= EVERY.toNanos()) {
      said.put(vm, new Said(shape, now));
      terminal.say(vm + ": " + phase + elapsed());
    }
  }

  @Override
  public synchronized void end(String vm, String phase, boolean reached) {
    Said before = said.get(vm);
    if (before == null || !before.shape().equals(phase)) {
      terminal.say(vm + ": " + phase + elapsed());
    }
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
