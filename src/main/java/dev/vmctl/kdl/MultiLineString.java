package dev.vmctl.kdl;

import static dev.vmctl.kdl.KdlProblem.Code;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads strings in three quotes (section "Multi-line String").
 *
 * <p>Escaped whitespace goes before the indentation is taken off, the other escapes are resolved
 * after it. Both happen in one pass: escapes are resolved at once, and each line remembers how much
 * of its beginning was written as whitespace.
 */
final class MultiLineString {
  private final Cursor cursor;
  private final Escapes escapes;
  private final StringBuilder characters = new StringBuilder();
  private final List<Line> lines = new ArrayList<>();
  private boolean failed;

  /**
   * A line before its indentation is taken off.
   *
   * @param source where the line begins in the text
   * @param start where it begins in {@code characters}
   * @param blank where its leading literal whitespace ends
   */
  private record Line(int source, int start, int blank, int end) {
    boolean isBlank() {
      return blank == end;
    }
  }

  MultiLineString(Cursor cursor, Escapes escapes) {
    this.cursor = cursor;
    this.escapes = escapes;
  }

  /**
   * Reads from the three opening quotes on.
   *
   * @param open where the string begins, with its hashes
   * @param hashes how many hashes close it; none in a string with escapes
   */
  @Nullable String read(int open, int hashes) {
    cursor.position += 3;
    if (!cursor.skipNewline()) {
      return noNewline(open, hashes);
    }
    readLines(open, hashes);
    return failed ? null : dedent();
  }

  private void readLines(int open, int hashes) {
    int source = cursor.position;
    int start = 0;
    int blank = 0;
    while (!closes(hashes)) {
      if (cursor.position >= cursor.end) {
        String help = "close it with " + closing(hashes) + " on a line of its own";
        cursor.report(
            Code.UNCLOSED_STRING, open, open + hashes + 3, "this string is never closed", help);
        failed = true;
        return;
      }
      char c = cursor.text.charAt(cursor.position);
      if (Characters.isNewline(c)) {
        lines.add(new Line(source, start, blank, characters.length()));
        cursor.skipNewline();
        source = cursor.position;
        start = characters.length();
        blank = start;
      } else if (c == '\\' && hashes == 0) {
        appendEscape();
      } else {
        if (blank == characters.length() && Characters.isSpace(c)) {
          blank++;
        }
        characters.append(c);
        cursor.position++;
      }
    }
    lines.add(new Line(source, start, blank, characters.length()));
    cursor.position += 3 + hashes;
  }

  private void appendEscape() {
    int codePoint = escapes.read();
    if (codePoint >= 0) {
      characters.appendCodePoint(codePoint);
    } else if (codePoint == Escapes.WRONG) {
      failed = true;
    }
  }

  private boolean closes(int hashes) {
    return quotes() && hashesFollow(3, hashes);
  }

  private boolean quotes() {
    return cursor.at('"', '"') && cursor.peek(2) == '"';
  }

  private boolean hashesFollow(int ahead, int hashes) {
    for (int at = 0; at < hashes; at++) {
      if (cursor.peek(ahead + at) != '#') {
        return false;
      }
    }
    return true;
  }

  private @Nullable String dedent() {
    Line last = lines.removeLast();
    if (!last.isBlank()) {
      String message = "the closing quotes of this string do not stand on a line of their own";
      String help = "put a line break before them; only whitespace may stand in front";
      cursor.report(Code.MULTI_LINE_STRING, last.source, cursor.position, message, help);
      return null;
    }
    String indentation = characters.substring(last.start, last.end);
    StringBuilder value = new StringBuilder(characters.length());
    for (Line line : lines) {
      if (line != lines.getFirst()) {
        value.append('\n');
      }
      if (line.isBlank()) {
        continue;
      }
      int text = line.start + indentation.length();
      if (text > line.blank || characters.indexOf(indentation, line.start) != line.start) {
        String message = "this line is not indented like the closing quotes of its string";
        String help = "begin it with exactly the whitespace that stands before the closing quotes";
        cursor.report(Code.MULTI_LINE_STRING, line.source, line.source, message, help);
        return null;
      }
      value.append(characters, text, line.end);
    }
    return value.toString();
  }

  private @Nullable String noNewline(int open, int hashes) {
    String help = "begin the text on the next line, or use a single quote on each side";
    cursor.report(
        Code.MULTI_LINE_STRING, open, cursor.position, "no line ends after these quotes", help);
    while (cursor.position < cursor.end
        && !Characters.isNewline(cursor.text.charAt(cursor.position))) {
      if (closes(hashes)) {
        cursor.position += 3 + hashes;
        return null;
      }
      cursor.position++;
    }
    return null;
  }

  private static String closing(int hashes) {
    return "\"\"\"" + "#".repeat(Math.min(hashes, 16));
  }
}
