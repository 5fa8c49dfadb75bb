package dev.vmctl.kdl;

import static dev.vmctl.kdl.KdlProblem.Code;

import org.jspecify.annotations.Nullable;

/**
 * Reads strings between single quotes (sections "Quoted String", "Raw String"). In KDL 2 they end
 * on their line, in KDL 1 they may go over several.
 */
final class QuotedStrings {
  private final Cursor cursor;
  private final Escapes escapes;
  private final boolean endsWithLine;

  QuotedStrings(Cursor cursor, Escapes escapes) {
    this.cursor = cursor;
    this.escapes = escapes;
    this.endsWithLine = cursor.version == KdlVersion.V2;
  }

  /** Reads from the opening quote on. */
  @Nullable String quoted() {
    int open = cursor.position++;
    int at = cursor.position;
    while (at < cursor.end) {
      char c = cursor.text.charAt(at);
      if (c == '"') {
        String value = cursor.text.substring(cursor.position, at);
        cursor.position = at + 1;
        return value;
      }
      if (c == '\\') {
        return withEscapes(open, at);
      }
      if (endsWithLine && Characters.isNewline(c)) {
        break;
      }
      at++;
    }
    return unclosed(open, at, "\"");
  }

  private @Nullable String withEscapes(int open, int firstEscape) {
    StringBuilder value = new StringBuilder();
    value.append(cursor.text, cursor.position, firstEscape);
    cursor.position = firstEscape;
    boolean failed = false;
    while (cursor.position < cursor.end) {
      char c = cursor.text.charAt(cursor.position);
      if (c == '\\') {
        int codePoint = escapes.read();
        failed |= codePoint == Escapes.WRONG;
        if (codePoint >= 0) {
          value.appendCodePoint(codePoint);
        }
      } else if (c == '"') {
        cursor.position++;
        return failed ? null : value.toString();
      } else if (endsWithLine && Characters.isNewline(c)) {
        break;
      } else {
        value.append(c);
        cursor.position++;
      }
    }
    return unclosed(open, cursor.position, "\"");
  }

  /**
   * Reads a raw string whose opening quote is here.
   *
   * @param open where the string begins, before its hashes
   */
  @Nullable String raw(int open, int hashes) {
    int from = ++cursor.position;
    for (int at = from; at < cursor.end; at++) {
      char c = cursor.text.charAt(at);
      if (c == '"' && hashesAt(at + 1, hashes)) {
        cursor.position = at + 1 + hashes;
        return cursor.text.substring(from, at);
      }
      if (endsWithLine && Characters.isNewline(c)) {
        return unclosed(open, at, closing(hashes));
      }
    }
    return unclosed(open, cursor.end, closing(hashes));
  }

  private boolean hashesAt(int from, int hashes) {
    int at = from;
    while (at < cursor.end && at - from < hashes && cursor.text.charAt(at) == '#') {
      at++;
    }
    return at - from == hashes;
  }

  private static String closing(int hashes) {
    return "\"" + "#".repeat(Math.min(hashes, 16));
  }

  /**
   * The quote is forgotten more often than a brace: one at the end of the line is taken to be meant
   * as one, so that the nodes around still make sense.
   */
  private @Nullable String unclosed(int open, int lineEnd, String closing) {
    String help = "close it with " + closing;
    if (endsWithLine) {
      help += " on the same line; text over several lines stands between \"\"\"";
    }
    cursor.report(Code.UNCLOSED_STRING, open, lineEnd, "this string is never closed", help);
    int last = lineEnd - 1;
    while (last > open && Characters.isSpace(cursor.text.charAt(last))) {
      last--;
    }
    char c = cursor.text.charAt(last);
    boolean brace = endsWithLine && last > open && (c == '{' || c == '}');
    cursor.position = brace ? last : lineEnd;
    return null;
  }
}
