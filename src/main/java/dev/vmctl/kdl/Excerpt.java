package dev.vmctl.kdl;

/** A piece of a text that is safe and short enough to stand in a message. */
final class Excerpt {
  private static final int LIMIT = 40;

  private Excerpt() {}

  /** Cuts what is too long, and replaces what could change how the rest of a message is shown. */
  static String of(String text, int from, int to) {
    StringBuilder shown = new StringBuilder();
    int at = from;
    while (at < to && at - from < LIMIT) {
      int codePoint = text.codePointAt(at);
      shown.appendCodePoint(Characters.isDisallowed(codePoint) ? 0xFFFD : codePoint);
      at += Character.charCount(codePoint);
    }
    return at < to ? shown.append('…').toString() : shown.toString();
  }
}
