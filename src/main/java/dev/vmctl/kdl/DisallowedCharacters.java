package dev.vmctl.kdl;

/**
 * Finds the code points that may not stand in a document (section "Disallowed Literal Code
 * Points"), wherever they stand.
 *
 * <p>KDL 1 knows no such list. It is applied to it all the same, but for the byte order mark, which
 * is whitespace there: else a file that KDL 2 refuses for hiding its meaning behind direction marks
 * could be accepted as KDL 1.
 */
final class DisallowedCharacters {
  private DisallowedCharacters() {}

  static void find(KdlSource source, KdlVersion version, Problems problems) {
    String text = source.text();
    int from = text.startsWith("\uFEFF") ? 1 : 0;
    for (int at = from; at < text.length(); at++) {
      char c = text.charAt(at);
      if (c >= 0x20 && c < 0x7F) {
        continue;
      }
      if (Character.isHighSurrogate(c)
          && at + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(at + 1))) {
        at++;
      } else if (Characters.isDisallowed(c) && !(c == '\uFEFF' && version == KdlVersion.V1)) {
        int end = endOfRun(text, at);
        problems.add(problem(new KdlSpan(source, at, at, end), c));
        at = end - 1;
      }
    }
  }

  private static int endOfRun(String text, int at) {
    int end = at + 1;
    while (end < text.length() && text.charAt(end) == text.charAt(at)) {
      end++;
    }
    return end;
  }

  private static KdlProblem problem(KdlSpan span, char c) {
    String help;
    if (Character.isSurrogate(c)) {
      help = "half of a surrogate pair is not text: remove it";
    } else if (c == '\uFEFF') {
      help = "a byte order mark may only be the first character of a file: remove it";
    } else {
      help = "remove it, or write it as \\u{%x} in a quoted string".formatted((int) c);
    }
    return new KdlProblem(
        KdlProblem.Code.DISALLOWED_CHARACTER,
        "the code point U+%04X may not stand in a KDL file".formatted((int) c),
        span,
        help);
  }
}
