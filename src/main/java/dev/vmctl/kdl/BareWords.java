package dev.vmctl.kdl;

/** Which words may stand without quotes (section "Identifier String"). */
final class BareWords {
  /** What a word made of identifier characters is. */
  enum Verdict {
    FINE,
    KEYWORD,
    LIKE_A_NUMBER
  }

  private static final int LONGEST_KEYWORD = 5;

  private BareWords() {}

  /** Judges a word of KDL 2 that has only identifier characters and does not begin as a number. */
  static Verdict judge(String word) {
    char first = word.charAt(0);
    if (first == '.' || Characters.isSign(first)) {
      int dot = first == '.' ? 0 : 1;
      if (dot + 1 < word.length()
          && word.charAt(dot) == '.'
          && Characters.isDigit(word.charAt(dot + 1))) {
        return Verdict.LIKE_A_NUMBER;
      }
    }
    if (word.length() > LONGEST_KEYWORD) {
      return Verdict.FINE;
    }
    return switch (word) {
      case "true", "false", "null", "inf", "-inf", "nan" -> Verdict.KEYWORD;
      default -> Verdict.FINE;
    };
  }

  /** Whether a text can be written as a bare word. */
  static boolean canBeBare(String text, KdlVersion version) {
    if (text.isEmpty() || beginsAsNumber(text)) {
      return false;
    }
    for (int at = 0; at < text.length(); ) {
      int codePoint = text.codePointAt(at);
      at += Character.charCount(codePoint);
      boolean slash = codePoint == '/' && version == KdlVersion.V1;
      if (slash ? isComment(text, at) : !isPlain(codePoint, version)) {
        return false;
      }
    }
    return switch (version) {
      case V1 -> !text.equals("true") && !text.equals("false") && !text.equals("null");
      case V2 -> judge(text) == Verdict.FINE;
    };
  }

  private static boolean isPlain(int codePoint, KdlVersion version) {
    return Characters.isWord(codePoint, version) && !Characters.isDisallowed(codePoint);
  }

  /** A slash at the end would begin a comment with what is written behind it. */
  private static boolean isComment(String text, int afterSlash) {
    return afterSlash == text.length() || Characters.isAfterSlash(text.charAt(afterSlash));
  }

  private static boolean beginsAsNumber(String text) {
    char first = text.charAt(0);
    return Characters.isDigit(first)
        || (Characters.isSign(first) && text.length() > 1 && Characters.isDigit(text.charAt(1)));
  }
}
