package dev.vmctl.cli;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The options that every command has. */
final class GlobalOptions {
  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      scope = ScopeType.INHERIT,
      description =
          "Where VMs are kept. Default: $VMCTL_DATA_DIR, else $XDG_DATA_HOME/vmctl, else ~/.local/share/vmctl.")
  @Nullable Path dataDirectory;

  @Option(
      names = "--host",
      paramLabel = "URL",
      scope = ScopeType.INHERIT,
      description =
          "The daemon to ask: unix:///PATH or https://HOST:PORT, with the token of $$VMCTL_TOKEN_FILE. Default: $$VMCTL_HOST.")
  @Nullable String host;

  @Option(
      names = "--system",
      scope = ScopeType.INHERIT,
      description = "The system's VMs, in /var/lib/vmctl, instead of your own.")
  boolean system;

  @Option(
      names = "--lock-timeout",
      paramLabel = "TIME",
      defaultValue = "60s",
      scope = ScopeType.INHERIT,
      description = "How long to wait for another command. Default: ${DEFAULT-VALUE}.")
  Duration lockTimeout = Duration.ofSeconds(60);

  @Option(
      names = {"-v", "--verbose"},
      scope = ScopeType.INHERIT,
      description = "Show where in the program an error came from.")
  boolean verbose;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      scope = ScopeType.INHERIT,
      description = "Show this help.")
  boolean help;
}
