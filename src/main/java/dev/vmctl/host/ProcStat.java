package dev.vmctl.host;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The two fields of {@code /proc/PID/stat} that tell who a process is and whether it lives.
 *
 * @param state one letter: {@code Z} and {@code X} are dead
 * @param startTicks clock ticks after boot
 */
record ProcStat(char state, long startTicks) {
  private static final int START_FIELD = 22;
  private static final int STATE_FIELD = 3;

  /** Empty when there is no process of this number. */
  static Optional<ProcStat> read(Path proc, long pid) {
    try {
      byte[] bytes = Files.readAllBytes(proc.resolve(Long.toString(pid)).resolve("stat"));
      return Optional.of(parse(new String(bytes, StandardCharsets.ISO_8859_1)));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      // ESRCH: it ended between open and read. Anything else, such as a /proc that hides other
      // users' processes, leaves no file to open and is handled above.
      return Optional.empty();
    }
  }

  /**
   * The name in parentheses may hold blanks and parentheses itself, so fields count from its end.
   */
  static ProcStat parse(String line) {
    int nameEnd = line.lastIndexOf(')');
    if (nameEnd < 0) {
      throw new IllegalArgumentException("not a process status line: " + line);
    }
    String[] fields = line.substring(nameEnd + 2).trim().split(" ", -1);
    if (fields.length <= START_FIELD - STATE_FIELD) {
      throw new IllegalArgumentException("process status line too short: " + line);
    }
    return new ProcStat(fields[0].charAt(0), Long.parseLong(fields[START_FIELD - STATE_FIELD]));
  }

  boolean isDead() {
    return state == 'Z' || state == 'X' || state == 'x';
  }
}
