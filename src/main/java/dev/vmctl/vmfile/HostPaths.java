package dev.vmctl.vmfile;

import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/**
 * What a path in a VMFile means on this host.
 *
 * <p>{@code ..} is left in it: through a symbolic link it may lead elsewhere than the text says.
 *
 * @param directory the VMFile's, absolute
 * @param home of the user, for a leading {@code ~}
 */
record HostPaths(Path directory, Path home) {
  /** What Linux takes from a program, without the final zero, in bytes. Others take less. */
  private static final int LONGEST_PATH = 4095;

  /** A text that names no file of this host. */
  static final class Unclear extends Exception {
    private static final long serialVersionUID = 1L;
    private final String problem;
    private final String help;

    Unclear(String problem, String help) {
      super(problem);
      this.problem = problem;
      this.help = help;
    }

    String problem() {
      return problem;
    }

    String help() {
      return help;
    }
  }

  Path resolve(String written) throws Unclear {
    int length = written.getBytes(StandardCharsets.UTF_8).length;
    if (length > LONGEST_PATH) {
      throw new Unclear(
          "a path of " + length + " bytes is longer than any path of this host",
          "a path has up to " + LONGEST_PATH + " bytes; is this the content of a file?");
    }
    try {
      if (written.equals("~")) {
        return home;
      }
      if (written.startsWith("~/")) {
        return withoutDots(home, Path.of(written.substring(2).replaceFirst("^/+", "")));
      }
      if (written.startsWith("~")) {
        throw new Unclear(
            Quoted.of(written) + " names another user's home directory",
            "only ~/ is understood; write the path in full");
      }
      return withoutDots(directory, Path.of(written));
    } catch (InvalidPathException e) {
      throw new Unclear(
          Quoted.of(written) + " cannot be a path on this host: " + e.getReason(),
          "check it for characters that the host's locale does not have");
    }
  }

  private static Path withoutDots(Path base, Path written) {
    Path result = written.isAbsolute() ? Path.of("/") : base;
    for (Path name : written) {
      if (!name.toString().equals(".")) {
        result = result.resolve(name);
      }
    }
    return result;
  }
}
