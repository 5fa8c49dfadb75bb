package dev.vmctl.daemon;

import dev.vmctl.daemon.DaemonSettings.LogFormat;
import dev.vmctl.host.HostFacts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** The daemon's command line. */
@Command(
    name = "vmctl daemon",
    sortOptions = false,
    description =
        "Keeps VMs as their VMFiles declare them, until it is ended. Ending it leaves them running.",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:ended by SIGTERM or SIGINT",
      "1:could not start; stderr says why",
      "64:the command line is wrong"
    })
final class DaemonOptions {
  private static final String DATA_DIRECTORY_VARIABLE = "VMCTL_DATA_DIR";
  private static final int HELP_COLUMNS = 100;

  @Option(
      names = "--watch",
      paramLabel = "DIR",
      description = "Follow the VMFiles of this directory. May be given several times.")
  private List<Path> watch = List.of();

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      description =
          "Where VMs, images and the daemon's socket live. Default: $VMCTL_DATA_DIR, else"
              + " $XDG_DATA_HOME/vmctl, else ~/.local/share/vmctl.")
  private @Nullable Path dataDirectory;

  @Option(
      names = "--listen",
      paramLabel = "ADDRESS:PORT",
      converter = ListenConverter.class,
      description =
          "Serve metrics and health on this loopback address; 'none' for nowhere. Default:"
              + " 127.0.0.1:9464.")
  private Listen listen = Listen.DEFAULT;

  @Option(
      names = "--resync",
      paramLabel = "TIME",
      converter = PeriodConverter.class,
      description = "Look at everything anew this often, such as 30s or 5m. Default: 60s.")
  private Duration resync = Duration.ofSeconds(60);

  @Option(
      names = "--log",
      paramLabel = "FORMAT",
      converter = LogFormatConverter.class,
      description =
          "Log lines as 'text' or 'json'. Default: text when stderr is a terminal, json otherwise.")
  private @Nullable LogFormat log;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this.")
  private boolean help;

  @Spec private @Nullable CommandSpec spec;

  /** A parser that fills these options. */
  CommandLine commandLine() {
    return new CommandLine(this).setUsageHelpWidth(HELP_COLUMNS);
  }

  boolean help() {
    return help;
  }

  /**
   * What the parsed options and the environment ask for.
   *
   * @throws ParameterException when a path means nothing
   */
  DaemonSettings settings(HostFacts host, Map<String, String> environment) {
    return new DaemonSettings(
        watch.stream().map(directory -> absolute("--watch", directory)).distinct().toList(),
        dataDirectory(host, environment),
        listen,
        resync,
        log == null ? logFormatOfStderr() : log);
  }

  private Path dataDirectory(HostFacts host, Map<String, String> environment) {
    if (dataDirectory != null) {
      return absolute("--data-dir", dataDirectory);
    }
    String variable = environment.getOrDefault(DATA_DIRECTORY_VARIABLE, "");
    return variable.isEmpty()
        ? host.dataDirectory()
        : absolute(DATA_DIRECTORY_VARIABLE, Path.of(variable));
  }

  private Path absolute(String option, Path path) {
    if (path.toString().isEmpty()) {
      throw new ParameterException(
          spec == null ? new CommandLine(this) : spec.commandLine(), option + " is empty");
    }
    return path.toAbsolutePath().normalize();
  }

  /** The JDK tells of stdin and stdout only, and slowly. */
  private static LogFormat logFormatOfStderr() {
    Path stderr = Path.of("/proc/self/fd/2");
    try {
      String target = Files.readSymbolicLink(stderr).toString();
      boolean terminal = target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
      return terminal || target.equals("/dev/console") ? LogFormat.TEXT : LogFormat.JSON;
    } catch (IOException e) {
      // Closed, or no /proc: nobody reads along.
      return LogFormat.JSON;
    }
  }

  private static final class ListenConverter implements CommandLine.ITypeConverter<Listen> {
    @Override
    public Listen convert(String text) {
      try {
        return Listen.parse(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }

  private static final class LogFormatConverter implements CommandLine.ITypeConverter<LogFormat> {
    @Override
    public LogFormat convert(String text) {
      return switch (text) {
        case "text" -> LogFormat.TEXT;
        case "json" -> LogFormat.JSON;
        default -> throw new TypeConversionException("'" + text + "' is neither 'text' nor 'json'");
      };
    }
  }

  private static final class PeriodConverter implements CommandLine.ITypeConverter<Duration> {
    @Override
    public Duration convert(String text) {
      if (!text.matches("\\d{1,6}[smh]")) {
        throw new TypeConversionException("'" + text + "' is not a time such as 30s or 5m");
      }
      Duration period = Duration.parse("PT" + text);
      if (period.compareTo(DaemonSettings.SHORTEST_RESYNC) < 0
          || period.compareTo(DaemonSettings.LONGEST_RESYNC) > 0) {
        throw new TypeConversionException("'" + text + "' is not between 1s and 1h");
      }
      return period;
    }
  }
}
