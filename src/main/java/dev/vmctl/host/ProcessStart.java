package dev.vmctl.host;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A program to start for good.
 *
 * @param command the program as an absolute path, then its arguments; no shell looks at them
 * @param output file that gets stdout and stderr, appended; its directory exists
 * @param scope first part of the name of the systemd scope it gets where there is systemd, so that
 *     the end of our own unit does not end it: small letters, digits, {@code -}; null for none
 */
public record ProcessStart(List<String> command, Path output, @Nullable String scope) {
  public ProcessStart {
    command = List.copyOf(command);
    if (command.isEmpty() || !Path.of(command.getFirst()).isAbsolute()) {
      throw new IllegalArgumentException("the program must be an absolute path: " + command);
    }
    if (scope != null && !scope.matches("[a-z0-9][a-z0-9-]{0,63}")) {
      throw new IllegalArgumentException("not a name for a scope: " + scope);
    }
  }

  /** A program without a scope of its own. */
  public ProcessStart(List<String> command, Path output) {
    this(command, output, null);
  }
}
