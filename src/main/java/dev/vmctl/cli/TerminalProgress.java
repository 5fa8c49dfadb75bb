package dev.vmctl.cli;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** For people: one line per VM, redrawn in place; other output scrolls above. */
final class TerminalProgress implements Progress {
  private static final String RED = "\u001b[31m";
  private static final String GREEN = "\u001b[32m";
  private static final String PLAIN = "\u001b[0m";

  private static final Pattern PERCENT = Pattern.compile("\\b(\\d{1,3}) % of ");
  private static final int BAR = 15;

  private final Terminal terminal;
  private final LongSupplier nanoTime;
  private final long start;
  private final int columns;
  private final Map<String, Row> rows = new LinkedHashMap<>();
  private int drawn;

  /**
   * @param took nanoseconds it took; negative while it is on its way
   */
  private record Row(String phase, long took, String colour) {}

  TerminalProgress(Terminal terminal, LongSupplier nanoTime, int columns) {
    this.terminal = terminal;
    this.nanoTime = nanoTime;
    this.start = nanoTime.getAsLong();
    this.columns = columns;
  }

  @Override
  public synchronized void phase(String vm, String phase) {
    rows.put(vm, new Row(phase, -1, ""));
    redraw("");
  }

  @Override
  public synchronized void end(String vm, String phase, boolean reached) {
    rows.put(vm, new Row(phase, nanoTime.getAsLong() - start, reached ? GREEN : RED));
    redraw("");
  }

  @Override
  public synchronized void output(String vm, String line) {
    redraw("[" + vm + "] " + line + "\n");
  }

  @Override
  public synchronized void tick() {
    redraw("");
  }

  @Override
  public synchronized void close() {
    drawn = 0;
  }

  private void redraw(String above) {
    StringBuilder text = new StringBuilder();
    if (drawn > 0) {
      text.append("\u001b[").append(drawn).append("A\r\u001b[J");
    }
    text.append(above);
    int width = rows.keySet().stream().mapToInt(String::length).max().orElse(0);
    rows.forEach((vm, row) -> text.append(line(vm, row, width)).append('\n'));
    drawn = rows.size();
    terminal.err().print(text);
    terminal.err().flush();
  }

  /** A bar for what says how much of it is done. */
  private static String bar(String phase, int room) {
    Matcher percent = PERCENT.matcher(phase);
    if (!percent.find() || room < 4 * BAR) {
      return "";
    }
    int done = Math.min(BAR, Integer.parseInt(percent.group(1)) * BAR / 100);
    return "[" + "#".repeat(done) + "-".repeat(BAR - done) + "] ";
  }

  private String line(String vm, Row row, int width) {
    long nanos = row.took() < 0 ? nanoTime.getAsLong() - start : row.took();
    String elapsed = DurationText.of(Duration.ofNanos(nanos));
    // A line that wraps would spoil the count of lines to go up.
    int room = Math.max(8, columns - width - 4 - elapsed.length() - 1);
    String shown = bar(row.phase(), room) + row.phase();
    String phase = shown.length() > room ? shown.substring(0, room - 1) + "…" : shown;
    boolean coloured = terminal.colour() && !row.colour().isEmpty();
    return vm
        + " ".repeat(width - vm.length() + 2)
        + (coloured ? row.colour() + phase + PLAIN : phase)
        + "  "
        + elapsed;
  }
}
