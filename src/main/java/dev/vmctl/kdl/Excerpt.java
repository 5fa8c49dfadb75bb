package dev.vmctl.kdl;

/** A piece of a text, short enough to stand in a message. */
final class Excerpt {
  private static final int LIMIT = 40;

  private Excerpt() {}

  static String of(String text, int from, int to) {
    if (to - from <= LIMIT) {
      return text.substring(from, to);
    }
    int cut = from + LIMIT;
    return text.substring(from, Character.isHighSurrogate(text.charAt(cut - 1)) ? cut - 1 : cut)
        + "…";
  }
}
