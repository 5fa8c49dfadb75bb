package dev.vmctl.cli;

/**
 * Takes out of a guest's output what would command the reader's terminal: escape sequences and
 * control characters but tab and line ends. Sequences may be split over pieces.
 */
final class PlainText {
  private enum Within {
    TEXT,
    ESCAPE,
    /** CSI: ends with a byte from @ to ~. */
    CONTROL_SEQUENCE,
    /** OSC, DCS and the like: end with BEL or ESC \. */
    STRING
  }

  private static final int ESCAPE = 0x1b;
  private static final int BELL = 0x07;

  private Within within = Within.TEXT;

  /** The harmless part of a piece of text. */
  String of(String piece) {
    StringBuilder plain = new StringBuilder(piece.length());
    piece.codePoints().forEach(each -> take(each, plain));
    return plain.toString();
  }

  private void take(int c, StringBuilder plain) {
    switch (within) {
      case TEXT -> {
        if (c == ESCAPE) {
          within = Within.ESCAPE;
        } else if (c == '\n' || c == '\t' || c == '\r' || !Character.isISOControl(c)) {
          plain.appendCodePoint(c);
        }
      }
      case ESCAPE ->
          within =
              switch (c) {
                case '[' -> Within.CONTROL_SEQUENCE;
                case ']', 'P', 'X', '^', '_' -> Within.STRING;
                default -> Within.TEXT;
              };
      case CONTROL_SEQUENCE -> {
        if (c >= '@' && c <= '~') {
          within = Within.TEXT;
        }
      }
      case STRING -> {
        if (c == BELL) {
          within = Within.TEXT;
        } else if (c == ESCAPE) {
          within = Within.ESCAPE;
        }
      }
    }
  }
}
