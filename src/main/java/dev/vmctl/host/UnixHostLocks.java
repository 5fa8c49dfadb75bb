package dev.vmctl.host;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Locks whose holders are told by fuser(1): those who have the file open, as nobody opens it but to
 * lock it. As POSIX has it, numbers alone go to stdout; name and kinds of use go to stderr.
 */
final class UnixHostLocks extends Flocks {
  private static final Pattern BLANKS = Pattern.compile("\\s+");

  private final HostCommands commands;

  UnixHostLocks(HostProcesses processes) {
    super(processes);
    commands = new HostCommands(processes);
  }

  @Override
  List<Long> pids(Path path) {
    if (!Files.exists(path)) {
      return List.of();
    }
    return BLANKS
        .splitAsStream(commands.attempt(List.of("fuser", path.toString())).output())
        .filter(word -> word.matches("\\d{1,10}"))
        .map(Long::valueOf)
        .toList();
  }
}
