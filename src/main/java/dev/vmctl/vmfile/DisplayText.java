package dev.vmctl.vmfile;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Text as a terminal shows it: how many cells it takes, and without what would steer the terminal
 * or turn the text around.
 */
final class DisplayText {
  private static final int TAB = 4;
  private static final Pattern CLUSTER = Pattern.compile("\\X");
  private static final int EMOJI_VARIATION = 0xFE0F;

  /** East Asian wide and fullwidth code points, as first and last of each stretch. */
  private static final int[] WIDE = {
    0x1100, 0x115F, 0x2329, 0x232A, 0x2E80, 0x303E, 0x3041, 0xA4CF, 0xA960, 0xA97C, 0xAC00, 0xD7A3,
    0xF900, 0xFAFF, 0xFE10, 0xFE19, 0xFE30, 0xFE6F, 0xFF01, 0xFF60, 0xFFE0, 0xFFE6, 0x16FE0,
        0x18CFF,
    0x1AFF0, 0x1B2FF, 0x1F200, 0x1F265, 0x20000, 0x3FFFD
  };

  private DisplayText() {}

  /** How many cells of a terminal the text takes, once it is {@link #shown}. */
  static int width(String text) {
    int width = 0;
    Matcher clusters = CLUSTER.matcher(text);
    while (clusters.find()) {
      width += clusterWidth(clusters.group());
    }
    return width;
  }

  /**
   * The text with each tab as spaces and each control character as one visible sign.
   *
   * @param column cells to the left of it, from the last stop of the tabs on
   */
  static String shown(String text, int column) {
    StringBuilder out = new StringBuilder();
    int cells = column;
    Matcher clusters = CLUSTER.matcher(text);
    while (clusters.find()) {
      String cluster = clusters.group();
      if (cluster.equals("\t")) {
        int spaces = TAB - cells % TAB;
        out.repeat(' ', spaces);
        cells += spaces;
      } else {
        cluster.codePoints().forEach(point -> out.appendCodePoint(visible(point)));
        cells += clusterWidth(cluster);
      }
    }
    return out.toString();
  }

  /** Whether it can be printed without steering the terminal or turning the text around. */
  static boolean isHarmless(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.CONTROL,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE,
          Character.UNASSIGNED ->
          false;
      case Character.FORMAT -> codePoint == 0x200C || codePoint == 0x200D || codePoint >= 0xE0020;
      default -> true;
    };
  }

  private static int visible(int codePoint) {
    if (isHarmless(codePoint)) {
      return codePoint;
    }
    return codePoint < 0x20 ? 0x2400 + codePoint : 0xFFFD;
  }

  private static int clusterWidth(String cluster) {
    int first = cluster.codePointAt(0);
    if (!isHarmless(first)) {
      return cluster.codePointCount(0, cluster.length());
    }
    if (cluster.indexOf(EMOJI_VARIATION) >= 0) {
      return 2;
    }
    int widest = 0;
    for (int at = 0; at < cluster.length(); ) {
      int codePoint = cluster.codePointAt(at);
      widest = Math.max(widest, codePointWidth(codePoint));
      at += Character.charCount(codePoint);
    }
    return widest;
  }

  private static int codePointWidth(int codePoint) {
    if (codePoint < 0x300) {
      return 1;
    }
    if (Character.isEmojiPresentation(codePoint) || isWide(codePoint)) {
      return 2;
    }
    return switch (Character.getType(codePoint)) {
      case Character.NON_SPACING_MARK, Character.ENCLOSING_MARK, Character.FORMAT -> 0;
      default -> 1;
    };
  }

  private static boolean isWide(int codePoint) {
    for (int at = 0; at < WIDE.length; at += 2) {
      if (codePoint >= WIDE[at] && codePoint <= WIDE[at + 1]) {
        return true;
      }
    }
    return false;
  }
}
