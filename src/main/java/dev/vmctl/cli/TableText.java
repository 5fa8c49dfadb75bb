package dev.vmctl.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntSupplier;
import java.util.stream.Collectors;

/** Rows in aligned columns, two blanks between them, none at the end of a line. */
final class TableText {
  private static final int GAP = 2;

  /** Narrower than this no column gets: what is left would say nothing. */
  private static final int NARROWEST = 8;

  /** A table of this width fits every terminal, whose width then need not be asked for. */
  private static final int FITS_ALWAYS = 40;

  private final List<List<String>> rows = new ArrayList<>();
  private final int shownFrom;

  TableText(String... heading) {
    this(0, List.of(List.of(heading)));
  }

  private TableText(int shownFrom, List<List<String>> rows) {
    this.shownFrom = shownFrom;
    this.rows.addAll(rows);
  }

  TableText row(String... cells) {
    rows.add(List.of(cells));
    return this;
  }

  /** The same columns, without their names. */
  TableText withoutHeading() {
    return new TableText(Math.max(1, shownFrom), rows);
  }

  /** Only the last rows, in columns as wide as all of them need. */
  TableText last(int count) {
    return new TableText(rows.size() - count, rows);
  }

  /** The lines, each ended. */
  String text() {
    return text(widths());
  }

  /**
   * The lines, at most as long as the terminal is wide: the widest columns give way, then the ends
   * of the lines, but never the first column, which names the row.
   *
   * @param columns the terminal's width, asked for only when it matters
   */
  String fitting(IntSupplier columns) {
    int[] widths = widths();
    if (total(widths) <= FITS_ALWAYS) {
      return text(widths);
    }
    int longest = Math.max(widths[0] + 1, columns.getAsInt());
    int excess = total(widths) - longest;
    while (excess > 0) {
      int widest = 1;
      for (int i = 1; i < widths.length; i++) {
        widest = widths[i] > widths[widest] ? i : widest;
      }
      if (widths.length < 2 || widths[widest] <= NARROWEST) {
        break;
      }
      widths[widest]--;
      excess--;
    }
    return text(widths)
        .lines()
        .map(line -> cut(line, longest) + "\n")
        .collect(Collectors.joining());
  }

  private int[] widths() {
    int[] widths = new int[rows.getFirst().size()];
    for (List<String> row : rows) {
      for (int i = 0; i < row.size(); i++) {
        widths[i] = Math.max(widths[i], width(row.get(i)));
      }
    }
    return widths;
  }

  private static int total(int[] widths) {
    return Arrays.stream(widths).sum() + GAP * (widths.length - 1);
  }

  private String text(int[] widths) {
    StringBuilder text = new StringBuilder();
    for (List<String> row : rows.subList(shownFrom, rows.size())) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < row.size(); i++) {
        String cell = cut(row.get(i), widths[i]);
        line.append(cell).repeat(" ", widths[i] - width(cell) + GAP);
      }
      text.append(line.toString().stripTrailing()).append('\n');
    }
    return text.toString();
  }

  private static String cut(String cell, int width) {
    return width(cell) <= width
        ? cell
        : cell.substring(0, cell.offsetByCodePoints(0, width - 1)) + "…";
  }

  private static int width(String text) {
    return text.codePointCount(0, text.length());
  }
}
