package dev.vmctl.host;

import java.nio.file.Path;
import java.util.List;

/**
 * A program to start for good.
 *
 * @param command the program as an absolute path, then its arguments; no shell looks at them
 * @param output file that gets stdout and stderr, appended; its directory exists
 */
public record ProcessStart(List<String> command, Path output) {
  public ProcessStart {
    command = List.copyOf(command);
    if (command.isEmpty() || !Path.of(command.getFirst()).isAbsolute()) {
      throw new IllegalArgumentException("the program must be an absolute path: " + command);
    }
  }
}
