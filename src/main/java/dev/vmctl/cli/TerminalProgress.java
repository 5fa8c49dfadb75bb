package dev.vmctl.cli;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * For people: a line for each VM or image, redrawn in place; other output scrolls above. What does
 * not fit the terminal is said at the end.
 */
final class TerminalProgress implements Progress {
  private static final String RED = "\u001b[31m";
  private static final String GREEN = "\u001b[32m";
  private static final String PLAIN = "\u001b[0m";
  private static final String TO_END_OF_LINE = "\u001b[K";
  private static final String TO_END_OF_SCREEN = "\u001b[J";

  private final Terminal terminal;
  private final LongSupplier nanoTime;
  private final Supplier<TerminalSize> sizes;
  private final long start;
  private final Map<String, Row> rows = new LinkedHashMap<>();

  /** The lengths of the lines that are on the screen. */
  private List<Integer> drawn = List.of();

  /**
   * @param took nanoseconds it took; negative while it is on its way
   */
  private record Row(String phase, long took, String colour) {
    boolean isOnItsWay() {
      return took < 0;
    }
  }

  /**
   * @param sizes the terminal's, whenever it is asked
   */
  TerminalProgress(Terminal terminal, LongSupplier nanoTime, Supplier<TerminalSize> sizes) {
    this.terminal = terminal;
    this.nanoTime = nanoTime;
    this.sizes = sizes;
    this.start = nanoTime.getAsLong();
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
    redraw("[" + vm + "] " + line + TO_END_OF_LINE + "\n");
  }

  @Override
  public synchronized void tick() {
    redraw("");
  }

  @Override
  public synchronized void close() {
    if (drawn.size() < rows.size()) {
      draw("", rows, 0);
    }
    drawn = List.of();
  }

  private void redraw(String above) {
    int room = Math.max(1, sizes.get().lines() - 1);
    if (rows.size() <= room) {
      draw(above, rows, 0);
    } else {
      Map<String, Row> shown = mostTelling(room - 1);
      draw(above, shown, rows.size() - shown.size());
    }
  }

  /** The first so many of those that are on their way, or else of all. */
  private Map<String, Row> mostTelling(int count) {
    List<String> names = new ArrayList<>(rows.keySet());
    names.sort((one, other) -> Boolean.compare(isOnItsWay(other), isOnItsWay(one)));
    Map<String, Row> chosen = new LinkedHashMap<>(rows);
    chosen.keySet().retainAll(names.subList(0, count));
    return chosen;
  }

  private boolean isOnItsWay(String vm) {
    Row row = rows.get(vm);
    return row != null && row.isOnItsWay();
  }

  /** Draws over what is there, line by line: what is erased first would flicker. */
  private void draw(String above, Map<String, Row> shown, int hidden) {
    int columns = sizes.get().columns();
    ProgressLine layout = ProgressLine.of(shown.keySet(), columns);
    List<Integer> lengths = new ArrayList<>();
    StringBuilder text = new StringBuilder(toTheTop(columns)).append(above);
    shown.forEach(
        (vm, row) -> {
          String phase = layout.phase(row.phase(), elapsed(row).length());
          String name = layout.name(vm);
          lengths.add(name.length() + phase.length() + 2 + elapsed(row).length());
          text.append(name).append(coloured(phase, row)).append("  ").append(elapsed(row));
          text.append(TO_END_OF_LINE).append('\n');
        });
    if (hidden > 0) {
      String more = "… and " + hidden + " more";
      lengths.add(more.length());
      text.append(more).append(TO_END_OF_LINE).append('\n');
    }
    terminal.err().print(text.append(TO_END_OF_SCREEN));
    terminal.err().flush();
    drawn = lengths;
  }

  /** A terminal that has become narrower has broken the lines that are there. */
  private String toTheTop(int columns) {
    int up = drawn.stream().mapToInt(length -> Math.max(1, (length - 1) / columns + 1)).sum();
    return up == 0 ? "" : "\u001b[" + up + "A\r";
  }

  private String coloured(String phase, Row row) {
    return terminal.colour() && !row.isOnItsWay() ? row.colour() + phase + PLAIN : phase;
  }

  private String elapsed(Row row) {
    long nanos = row.isOnItsWay() ? nanoTime.getAsLong() - start : row.took();
    return DurationText.of(Duration.ofNanos(nanos));
  }
}
