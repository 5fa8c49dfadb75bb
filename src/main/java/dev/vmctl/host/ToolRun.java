package dev.vmctl.host;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * A short tool to run to its end.
 *
 * @param command the program, by path or by name on the {@code PATH}, then its arguments
 * @param environment added to our own environment
 * @param input what it reads from stdin
 * @param deadline after this it is killed
 */
public record ToolRun(
    List<String> command, Map<String, String> environment, String input, Duration deadline) {
  public ToolRun {
    command = List.copyOf(command);
    environment = Map.copyOf(environment);
    if (command.isEmpty()) {
      throw new IllegalArgumentException("no program to run");
    }
    if (!deadline.isPositive()) {
      throw new IllegalArgumentException("deadline must be positive: " + deadline);
    }
  }

  public ToolRun(List<String> command, Duration deadline) {
    this(command, Map.of(), "", deadline);
  }
}
