package dev.vmctl.cli;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a person sees of what is written to a terminal: breaks long lines, scrolls, forgets nothing.
 */
final class Screen extends OutputStream {
  private static final Pattern SEQUENCE = Pattern.compile("\u001b\\[(\\d*)([A-Za-z])");

  private final int columns;
  private final int height;
  private final List<StringBuilder> lines = new ArrayList<>(List.of(new StringBuilder()));
  private final StringBuilder pending = new StringBuilder();
  private int line;
  private int column;

  Screen(int columns, int height) {
    this.columns = columns;
    this.height = height;
  }

  Terminal terminal(boolean colour) {
    PrintStream out = new PrintStream(this, true, StandardCharsets.UTF_8);
    return new Terminal(System.in, out, out, true, true, true, colour);
  }

  /** All lines there ever were that nothing has overwritten, without spaces at their ends. */
  List<String> lines() {
    List<String> seen =
        new ArrayList<>(lines.stream().map(l -> l.toString().stripTrailing()).toList());
    while (!seen.isEmpty() && seen.getLast().isEmpty()) {
      seen.removeLast();
    }
    return seen;
  }

  @Override
  public void write(int one) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void write(byte[] bytes, int offset, int count) {
    pending.append(new String(bytes, offset, count, StandardCharsets.UTF_8));
    Matcher sequence = SEQUENCE.matcher(pending);
    int at = 0;
    while (at < pending.length()) {
      if (sequence.region(at, pending.length()).lookingAt()) {
        obey(sequence.group(1), sequence.group(2).charAt(0));
        at = sequence.end();
      } else {
        put(pending.charAt(at));
        at++;
      }
    }
    pending.setLength(0);
  }

  private void obey(String number, char what) {
    switch (what) {
      // The cursor does not leave the screen: what has scrolled away stays as it is.
      case 'A' ->
          line = Math.max(Math.max(0, lines.size() - height), line - Integer.parseInt(number));
      case 'K' -> lines.get(line).setLength(Math.min(lines.get(line).length(), column));
      case 'J' -> {
        obey("", 'K');
        lines.subList(line + 1, lines.size()).forEach(below -> below.setLength(0));
      }
      case 'm' -> {}
      default -> throw new IllegalArgumentException("a terminal may not know " + what);
    }
  }

  private void put(char each) {
    if (each == '\r') {
      column = 0;
    } else if (each == '\n') {
      down();
    } else {
      if (column == columns) {
        down();
      }
      StringBuilder text = lines.get(line);
      text.append(" ".repeat(Math.max(0, column + 1 - text.length())));
      text.setCharAt(column, each);
      column++;
    }
  }

  private void down() {
    line++;
    column = 0;
    if (line == lines.size()) {
      lines.add(new StringBuilder());
    }
  }
}
