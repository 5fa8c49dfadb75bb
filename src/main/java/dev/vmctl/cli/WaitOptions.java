package dev.vmctl.cli;

import java.time.Duration;
import picocli.CommandLine.Option;

/** Whether and how long a command waits for what it asked for. */
final class WaitOptions {
  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      defaultValue = "10m",
      description = "How long to wait for the VMs. Default: ${DEFAULT-VALUE}.")
  Duration timeout = Duration.ofMinutes(10);

  @Option(
      names = {"-d", "--detach"},
      description = "Do not wait: the daemon carries it out.")
  boolean detach;
}
