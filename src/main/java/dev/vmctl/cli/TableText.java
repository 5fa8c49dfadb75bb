package dev.vmctl.cli;

import java.util.ArrayList;
import java.util.List;

/** Rows in aligned columns, two blanks between them, none at the end of a line. */
final class TableText {
  private final List<List<String>> rows = new ArrayList<>();

  TableText(String... heading) {
    rows.add(List.of(heading));
  }

  TableText row(String... cells) {
    rows.add(List.of(cells));
    return this;
  }

  /** The lines, each ended. */
  String text() {
    int[] widths = new int[rows.getFirst().size()];
    for (List<String> row : rows) {
      for (int i = 0; i < row.size(); i++) {
        widths[i] = Math.max(widths[i], width(row.get(i)));
      }
    }
    StringBuilder text = new StringBuilder();
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < row.size(); i++) {
        line.append(row.get(i)).repeat(" ", widths[i] - width(row.get(i)) + 2);
      }
      text.append(line.toString().stripTrailing()).append('\n');
    }
    return text.toString();
  }

  private static int width(String text) {
    return text.codePointCount(0, text.length());
  }
}
