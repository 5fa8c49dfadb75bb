package dev.vmctl.host;

import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * The administration commands of this host: run to their end under a deadline, never through a
 * shell, their failure an error that carries what they said.
 *
 * <p>What is built on this asks the host anew before it changes anything, so every change may be
 * tried again after a crash.
 */
public final class HostCommands {
  /** Enough for a pool that is busy; what takes longer is not one of these commands. */
  public static final Duration DEADLINE = Duration.ofSeconds(60);

  private static final int LONGEST_WORDS = 2000;

  private final HostProcesses processes;

  public HostCommands(HostProcesses processes) {
    this.processes = processes;
  }

  /**
   * Runs a command and requires that it succeeds.
   *
   * @return what it wrote to stdout
   * @throws VmException host.command_failed with its stderr; timeout; io when there is no such
   *     program
   */
  public String require(List<String> command) {
    ToolResult result = attempt(command);
    if (!result.succeeded()) {
      throw failure(command, result);
    }
    return result.output();
  }

  /**
   * Runs a command whose failure means something to the caller.
   *
   * @throws VmException timeout; io when there is no such program
   */
  public ToolResult attempt(List<String> command) {
    return attempt(command, DEADLINE);
  }

  /** As {@link #attempt(List)}, for a command that may take longer than others. */
  public ToolResult attempt(List<String> command, Duration deadline) {
    try {
      return processes.run(new ToolRun(command, deadline));
    } catch (InterruptedException e) {
      throw VmException.interrupted(name(command), e);
    }
  }

  private static boolean lacksPermission(ToolResult result) {
    String said = result.errors().toLowerCase(Locale.ROOT);
    return said.contains("permission denied")
        || said.contains("operation not permitted")
        || said.contains("only a privileged user");
  }

  /** The error that a failed command is, for a caller that knows no better one. */
  public VmException failure(List<String> command, ToolResult result) {
    return failure(
        ErrorCode.HOST_COMMAND_FAILED,
        command,
        result,
        lacksPermission(result)
            ? "run vmctl as root, or give this user the right to run " + name(command)
            : "run the command by hand to see more");
  }

  /** The error that a failed command is. */
  public VmException failure(ErrorCode code, List<String> command, ToolResult result, String help) {
    String said = result.errors().strip();
    String line = String.join(" ", command);
    return new VmException(
        code,
        (line.length() > LONGEST_WORDS ? line.substring(0, LONGEST_WORDS) + "…" : line)
            + " failed with exit code "
            + result.exitCode()
            + ": "
            + (said.isEmpty() ? "it said nothing" : said),
        help);
  }

  private static String name(List<String> command) {
    return Path.of(command.getFirst()).getFileName().toString();
  }
}
