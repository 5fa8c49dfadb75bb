package dev.vmctl.vmfile;

/** What somebody wrote, as a message may repeat it: short, and without control characters. */
final class Quoted {
  private static final int LONGEST = 60;

  private Quoted() {}

  /** Between single quotes, for messages. */
  static String of(String text) {
    return "'" + shown(text) + "'";
  }

  /** Between double quotes, for text to type. */
  static String kdl(String text) {
    return '"' + shown(text.replace("\\", "\\\\").replace("\"", "\\\"")) + '"';
  }

  private static String shown(String text) {
    StringBuilder out = new StringBuilder();
    int count = 0;
    for (int at = 0; at < text.length(); count++) {
      if (count == LONGEST) {
        return out.append('…').toString();
      }
      int codePoint = text.codePointAt(at);
      at += Character.charCount(codePoint);
      if (DisplayText.isHarmless(codePoint)) {
        out.appendCodePoint(codePoint);
      } else {
        out.append("\\u{").append(Integer.toHexString(codePoint)).append('}');
      }
    }
    return out.toString();
  }
}
