package dev.vmctl.kdl;

import org.jspecify.annotations.Nullable;

/**
 * The beginning of a text: a byte order mark and a version marker such as {@code /- kdl-version 2}
 * (production {@code version} of the section "Full Grammar").
 *
 * @param version what the marker says; null without one
 * @param end where the nodes begin
 */
record VersionMarker(@Nullable KdlVersion version, int end) {
  private static final String NAME = "kdl-version";

  static VersionMarker find(String text) {
    int start = text.startsWith("\uFEFF") ? 1 : 0;
    VersionMarker none = new VersionMarker(null, start);
    if (!text.startsWith("/-", start)) {
      return none;
    }
    int name = skipSpace(text, start + 2);
    int number = skipSpace(text, name + NAME.length());
    if (!text.startsWith(NAME, name) || number == name + NAME.length() || number == text.length()) {
      return none;
    }
    KdlVersion version =
        switch (text.charAt(number)) {
          case '1' -> KdlVersion.V1;
          case '2' -> KdlVersion.V2;
          default -> null;
        };
    int end = skipSpace(text, number + 1);
    int newline = end < text.length() ? Characters.newlineLength(text, end, text.length()) : 0;
    return version != null && newline > 0 ? new VersionMarker(version, end + newline) : none;
  }

  private static int skipSpace(String text, int from) {
    int at = from;
    while (at < text.length() && Characters.isSpace(text.charAt(at))) {
      at++;
    }
    return at;
  }
}
