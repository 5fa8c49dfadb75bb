package dev.vmctl.kdl;

import static dev.vmctl.kdl.KdlProblem.Code;

/** Reads what follows a backslash in a string (sections "Escapes", "Escaped Whitespace"). */
final class Escapes {
  /** What an escape stands for when it stands for nothing: escaped whitespace. */
  static final int NOTHING = -1;

  /** What a wrong escape, which has been reported, stands for. */
  static final int WRONG = -2;

  private static final int MAXIMUM_HEX_DIGITS = 6;

  private final Cursor cursor;

  Escapes(Cursor cursor) {
    this.cursor = cursor;
  }

  /** Reads an escape, from its backslash on: a code point, {@link #NOTHING} or {@link #WRONG}. */
  int read() {
    int start = cursor.position++;
    int c = cursor.peek();
    if (cursor.version == KdlVersion.V2 && isBlank(c)) {
      while (isBlank(cursor.peek())) {
        cursor.position++;
      }
      return NOTHING;
    }
    int plain = plain(c);
    if (plain >= 0) {
      cursor.position++;
      return plain;
    }
    return c == 'u' ? unicode(start) : wrong(start);
  }

  private static boolean isBlank(int c) {
    return Characters.isSpace(c) || Characters.isNewline(c);
  }

  private int plain(int c) {
    return switch (c) {
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'b' -> '\b';
      case 'f' -> '\f';
      case '"', '\\' -> c;
      case 's' -> cursor.version == KdlVersion.V2 ? ' ' : WRONG;
      case '/' -> cursor.version == KdlVersion.V1 ? '/' : WRONG;
      default -> WRONG;
    };
  }

  private int unicode(int start) {
    cursor.position++;
    int codePoint = 0;
    int digits = 0;
    if (cursor.peek() == '{') {
      cursor.position++;
      int digit = hexDigit();
      while (digit >= 0 && digits <= MAXIMUM_HEX_DIGITS) {
        codePoint = codePoint * 16 + digit;
        digits++;
        cursor.position++;
        digit = hexDigit();
      }
      if (digits > 0 && digits <= MAXIMUM_HEX_DIGITS && cursor.peek() == '}') {
        cursor.position++;
        return scalar(start, codePoint);
      }
    }
    String help = "write 1 to 6 hexadecimal digits in braces, as in \\u{1F600}";
    cursor.report(Code.ESCAPE, start, cursor.position, "this is no \\u escape", help);
    return WRONG;
  }

  private int hexDigit() {
    int c = cursor.peek();
    return c < 0x80 ? Character.digit(c, 16) : -1;
  }

  private int scalar(int start, int codePoint) {
    if (codePoint <= Character.MAX_CODE_POINT
        && !(codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE)) {
      return codePoint;
    }
    String message = "U+%04X is not a Unicode character".formatted(codePoint);
    String help = "characters go up to 10FFFF and leave out D800 to DFFF";
    cursor.report(Code.ESCAPE, start, cursor.position, message, help);
    return WRONG;
  }

  private int wrong(int start) {
    int c = cursor.position < cursor.end ? cursor.text.codePointAt(cursor.position) : -1;
    int to = Math.min(start + 1 + (c < 0 ? 0 : Character.charCount(c)), cursor.end);
    String help = "a backslash itself is written \\\\";
    if (cursor.version == KdlVersion.V2) {
      help += "; a raw string, #\"…\"#, needs no escapes";
    }
    cursor.report(Code.ESCAPE, start, to, "this backslash escapes nothing", help);
    // Not over it: it may be the newline that ends the string.
    return WRONG;
  }
}
