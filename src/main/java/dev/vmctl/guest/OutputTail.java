package dev.vmctl.guest;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.regex.Pattern;

/** Keeps the end of an output, however long it is, for a message to people. */
final class OutputTail {
  private static final int MAX_BYTES = 2048;
  private static final int MAX_LINES = 20;

  /** Terminal control sequences: colours, cursor movements, window titles. */
  private static final Pattern ESCAPES =
      Pattern.compile(
          "\u001b(\\[[0-?]*[ -/]*[@-~]|\\][^\u0007\u001b]*(\u0007|\u001b\\\\)|[ -/]*[0-~])");

  private final byte[] ring = new byte[MAX_BYTES];
  private long total;

  synchronized void add(byte[] bytes, int offset, int length) {
    int skip = Math.max(0, length - MAX_BYTES);
    total += skip;
    for (int i = offset + skip; i < offset + length; i++) {
      ring[(int) (total++ % MAX_BYTES)] = bytes[i];
    }
  }

  /** At most 20 lines and 2 KiB, without control characters; empty if there was no output. */
  synchronized String text() {
    int length = (int) Math.min(total, MAX_BYTES);
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = ring[(int) ((total - length + i) % MAX_BYTES)];
    }
    int start = 0;
    // The ring may begin in the middle of a character: skip its continuation bytes.
    while (total > length && start < Math.min(3, length) && (bytes[start] & 0xC0) == 0x80) {
      start++;
    }
    Deque<String> lines = new ArrayDeque<>();
    new String(bytes, start, length - start, StandardCharsets.UTF_8)
        .lines()
        .map(OutputTail::printable)
        .forEach(
            line -> {
              lines.addLast(line);
              if (lines.size() > MAX_LINES) {
                lines.removeFirst();
              }
            });
    return String.join("\n", lines).strip();
  }

  /** A line as a terminal would show it in the end, harmless to print; line ends are kept. */
  static String printable(String text) {
    String plain = ESCAPES.matcher(text).replaceAll("");
    StringBuilder shown = new StringBuilder(plain.length());
    plain
        .codePoints()
        .map(c -> c == '\t' ? ' ' : c)
        .filter(c -> c == '\n' || !Character.isISOControl(c))
        .filter(c -> Character.getType(c) != Character.FORMAT)
        .forEach(shown::appendCodePoint);
    return shown.toString();
  }
}
