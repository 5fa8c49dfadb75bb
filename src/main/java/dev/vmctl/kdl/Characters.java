package dev.vmctl.kdl;

/**
 * What single characters mean to the language: sections "Whitespace", "Newline", "Disallowed
 * Literal Code Points" and "Non-identifier characters".
 */
final class Characters {
  private static final int ASCII = 128;
  private static final int SPACE = 1;
  private static final int NEWLINE = 2;
  private static final int WORD_ONE = 4;
  private static final int WORD_TWO = 8;
  private static final byte[] KINDS = kinds();

  private Characters() {}

  private static byte[] kinds() {
    byte[] kinds = new byte[ASCII];
    for (char c = 0; c < ASCII; c++) {
      if (c == ' ' || c == '\t') {
        kinds[c] = SPACE;
      } else if (c >= '\n' && c <= '\r') {
        kinds[c] = NEWLINE;
      } else {
        boolean one = "\\/(){}<>;[]=,\"".indexOf(c) < 0;
        boolean two = "\\/(){};[]\"#=".indexOf(c) < 0;
        kinds[c] = (byte) ((one ? WORD_ONE : 0) | (two ? WORD_TWO : 0));
      }
    }
    return kinds;
  }

  static boolean isSpace(int c) {
    if (c < ASCII) {
      return c >= 0 && (KINDS[c] & SPACE) != 0;
    }
    return c == 0xA0
        || c == 0x1680
        || (c >= 0x2000 && c <= 0x200A)
        || c == 0x202F
        || c == 0x205F
        || c == 0x3000;
  }

  static boolean isNewline(int c) {
    if (c < ASCII) {
      return c >= 0 && (KINDS[c] & NEWLINE) != 0;
    }
    return c == 0x85 || c == 0x2028 || c == 0x2029;
  }

  /** The length of the newline there, 0 if there is none; CR LF is one newline of length 2. */
  static int newlineLength(String text, int at, int end) {
    char c = text.charAt(at);
    if (!isNewline(c)) {
      return 0;
    }
    return c == '\r' && at + 1 < end && text.charAt(at + 1) == '\n' ? 2 : 1;
  }

  /**
   * Whether the character may stand in an identifier. Disallowed ones may, here: they are reported
   * by {@link DisallowedCharacters}, once, and should not break the words around them as well.
   */
  static boolean isWord(int c, KdlVersion version) {
    boolean one = version == KdlVersion.V1;
    if (c < ASCII) {
      return c >= 0 && (KINDS[c] & (one ? WORD_ONE : WORD_TWO)) != 0;
    }
    return !isSpace(c) && !isNewline(c) && !(one && c == '\uFEFF');
  }

  /** Whether it makes a comment of the slash before it. */
  static boolean isAfterSlash(int c) {
    return c == '/' || c == '*' || c == '-';
  }

  static boolean isDigit(int c) {
    return c >= '0' && c <= '9';
  }

  static boolean isSign(int c) {
    return c == '+' || c == '-';
  }

  /** Whether the code point, or the surrogate without its other half, must be escaped. */
  static boolean isDisallowed(int codePoint) {
    if (codePoint < 0x20) {
      return codePoint < 0x09 || codePoint > 0x0D;
    }
    return codePoint == 0x7F
        || (codePoint >= 0xD800 && codePoint <= 0xDFFF)
        || codePoint == 0x200E
        || codePoint == 0x200F
        || (codePoint >= 0x202A && codePoint <= 0x202E)
        || (codePoint >= 0x2066 && codePoint <= 0x2069)
        || codePoint == 0xFEFF;
  }
}
