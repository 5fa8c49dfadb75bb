package dev.vmctl.kdl;

import java.util.Arrays;
import java.util.Objects;

/**
 * A text that was read, and the name to call it by in messages. Offsets are UTF-16 code units from
 * 0; lines and columns count from 1, columns in code points. A line ends at any of the sequences of
 * the section "Newline"; a byte order mark at the start is not a column. Two sources are equal only
 * if they are the same: so are spans, and all the parts of documents, which have spans.
 */
public final class KdlSource {
  private final String name;
  private final String text;
  // Built when the first position is asked for: a file without errors never needs it.
  private volatile int[] lineStarts = {};

  public KdlSource(String name, String text) {
    this.name = Objects.requireNonNull(name);
    this.text = Objects.requireNonNull(text);
  }

  public String name() {
    return name;
  }

  public String text() {
    return text;
  }

  /** The line of an offset in 0..length, from 1. */
  public int lineAt(int offset) {
    int found = Arrays.binarySearch(starts(), Objects.checkIndex(offset, text.length() + 1));
    return Math.max(found >= 0 ? found + 1 : -found - 1, 1);
  }

  /** The column of an offset in 0..length: code points from the start of its line, from 1. */
  public int columnAt(int offset) {
    int start = starts()[lineAt(offset) - 1];
    return text.codePointCount(Math.min(start, offset), offset) + 1;
  }

  /** How many lines there are; a text that ends in a newline has an empty last line. */
  public int lineCount() {
    return starts().length;
  }

  /** A line's text without its newline; lines count from 1 to {@link #lineCount}. */
  public String line(int number) {
    int start = starts()[Objects.checkIndex(number - 1, lineCount())];
    int end = start;
    while (end < text.length() && !Characters.isNewline(text.charAt(end))) {
      end++;
    }
    return text.substring(start, end);
  }

  private int[] starts() {
    int[] known = lineStarts;
    if (known.length == 0) {
      known = findLineStarts();
      lineStarts = known;
    }
    return known;
  }

  private int[] findLineStarts() {
    int[] starts = new int[64];
    int count = 1;
    starts[0] = text.startsWith("\uFEFF") ? 1 : 0;
    for (int at = 0; at < text.length(); ) {
      int length = Characters.newlineLength(text, at, text.length());
      at += Math.max(length, 1);
      if (length > 0) {
        if (count == starts.length) {
          starts = Arrays.copyOf(starts, count * 2);
        }
        starts[count++] = at;
      }
    }
    return Arrays.copyOf(starts, count);
  }

  @Override
  public String toString() {
    return name;
  }
}
