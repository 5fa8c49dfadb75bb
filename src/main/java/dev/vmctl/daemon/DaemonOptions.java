package dev.vmctl.daemon;

import dev.vmctl.daemon.DaemonSettings.LogFormat;
import dev.vmctl.host.HostFacts;
import dev.vmctl.host.OperatingSystem;
import dev.vmctl.host.ThisHost;
import dev.vmctl.model.ApplyPolicy;
import dev.vmctl.model.EnginePolicy;
import dev.vmctl.model.RepositoryPlace;
import dev.vmctl.model.VmEvent;
import dev.vmctl.source.git.GitRepository;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

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
  private static final String SYSTEM_DIRECTORY_VARIABLE = "VMCTL_SYSTEM_DATA_DIR";
  private static final String SYSTEM_SOCKET_VARIABLE = "VMCTL_SYSTEM_SOCKET";
  private static final Duration DEFAULT_RESYNC = Duration.ofSeconds(60);
  private static final int HELP_COLUMNS = 100;

  @Option(
      names = "--watch",
      paramLabel = "DIR",
      description = "Follow the VMFiles of this directory. May be given several times.")
  private List<Path> watch = List.of();

  @Option(
      names = "--git",
      paramLabel = "URL[#BRANCH[:PATH]]",
      description =
          "Follow the VMFiles in this directory of a branch of a Git repository. May be given"
              + " several times; vmctl.kdl can say more.")
  private List<String> git = List.of();

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description =
          "Read settings from this file; options win over it. Default:"
              + " $XDG_CONFIG_HOME/vmctl/vmctl.kdl, for root /etc/vmctl/vmctl.kdl, if it is there.")
  private @Nullable Path config;

  @Option(names = "--show-config", description = "Show the settings that hold, and end.")
  private boolean showConfig;

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
      converter = OptionConverters.ListenConverter.class,
      description =
          "Serve metrics and health on this loopback address; 'none' for nowhere. Default:"
              + " 127.0.0.1:9464.")
  private @Nullable Listen listen;

  @Option(
      names = "--api",
      paramLabel = "ADDRESS:PORT",
      description =
          "Serve the API and the page on TCP too, to who has the token; beyond loopback only with"
              + " TLS. Default: none.")
  private @Nullable String api;

  @Option(names = "--tls-cert", paramLabel = "FILE", description = "Its TLS certificate, PEM.")
  private @Nullable Path certificate;

  @Option(names = "--tls-key", paramLabel = "FILE", description = "The certificate's key, PEM.")
  private @Nullable Path key;

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      description = "Its token; made if it is not there. Default: api.token in the data directory.")
  private @Nullable Path token;

  @Option(
      names = "--system",
      description =
          "Be the daemon of the whole host: VMs in /var/lib/vmctl, the socket"
              + " /run/vmctl/vmctl.sock, for root and the group vmctl.")
  private boolean system;

  @Option(
      names = "--resync",
      paramLabel = "TIME",
      converter = OptionConverters.PeriodConverter.class,
      description = "Look at everything anew this often, such as 30s or 5m. Default: 60s.")
  private @Nullable Duration resync;

  @Option(
      names = "--log",
      paramLabel = "FORMAT",
      converter = OptionConverters.LogFormatConverter.class,
      description =
          "Log lines as 'text' or 'json'. Default: text when stderr is a terminal, json otherwise.")
  private @Nullable LogFormat log;

  @Option(
      names = "--apply",
      paramLabel = "auto|manual",
      converter = OptionConverters.ApplyConverter.class,
      description =
          "Whether changes of VMs whose lifecycle does not say are applied at once ('auto', the"
              + " default), or by 'vmctl apply'. vmctl.kdl can say it by class of change.")
  private @Nullable ApplyPolicy apply;

  @Option(
      names = "--parallel",
      paramLabel = "N",
      description = "So many VMs at most are on their way up at once. Default: any number.")
  private @Nullable Integer parallel;

  @Option(
      names = "--overcommit",
      description = "Start VMs though the host has not the memory free that they may take.")
  private boolean overcommit;

  @Option(
      names = "--event-webhook",
      paramLabel = "URL",
      converter = OptionConverters.UrlConverter.class,
      description = "Post each event to this URL, as JSON.")
  private @Nullable URI eventWebhook;

  @Option(
      names = "--event-webhook-secret-file",
      paramLabel = "FILE",
      description = "Sign what is posted with the secret in this file (HMAC-SHA256).")
  private @Nullable Path eventWebhookSecret;

  @Option(
      names = "--event-exec",
      paramLabel = "PROGRAM",
      description = "Start this program for each event, with the event on its stdin.")
  private @Nullable Path eventExec;

  @Option(
      names = "--event-type",
      paramLabel = "normal|warning",
      converter = OptionConverters.EventTypeConverter.class,
      description = "Which events go there: 'normal' for all (the default), 'warning' for those.")
  private VmEvent.@Nullable Type eventType;

  @Option(
      names = "--traces",
      paramLabel = "URL",
      converter = OptionConverters.UrlConverter.class,
      description =
          "Tell an OpenTelemetry collector of each reconcile, by OTLP over HTTP, such as"
              + " http://127.0.0.1:4318. Default: none.")
  private @Nullable URI traces;

  @Option(
      names = "--install",
      description =
          "Install the daemon as a service of systemd, for this host or with --user for this"
              + " user, start it, and end.")
  private boolean install;

  @Option(names = "--user", description = "With --install: for this user alone.")
  private boolean user;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this.")
  private boolean help;

  @Spec private @Nullable CommandSpec spec;

  /**
   * A parser that fills these options, those that are not given from variables of their names:
   * {@code --event-type} is {@code VMCTL_EVENT_TYPE}.
   */
  CommandLine commandLine(Map<String, String> environment) {
    return new CommandLine(this)
        .setUsageHelpWidth(HELP_COLUMNS)
        .setDefaultValueProvider(
            argument ->
                argument instanceof OptionSpec option && isSetting(option)
                    ? environment.get(variable(option))
                    : null);
  }

  /** Whether an option says how the daemon runs, not what this call of it is for. */
  static boolean isSetting(OptionSpec option) {
    return !Set.of("--help", "--show-config", "--install", "--user", "--config", "--data-dir")
            .contains(option.longestName())
        && !option.isMultiValue();
  }

  static String variable(OptionSpec option) {
    return "VMCTL_" + option.longestName().substring(2).replace('-', '_').toUpperCase(Locale.ROOT);
  }

  /** Several are set apart by blanks, as none of them can hold any. */
  private static List<String> several(Map<String, String> environment, String variable) {
    return Arrays.stream(environment.getOrDefault(variable, "").split("\\s+"))
        .filter(each -> !each.isEmpty())
        .toList();
  }

  boolean installs() {
    return install;
  }

  private boolean isOfTheHost() {
    return system || (install && !user);
  }

  boolean forUser() {
    return user;
  }

  /** Whether the command line says what to follow. */
  boolean follows() {
    return !watch.isEmpty() || !git.isEmpty();
  }

  boolean help() {
    return help;
  }

  boolean showsConfig() {
    return showConfig;
  }

  /**
   * What the parsed options, the configuration file and the environment ask for, in this order.
   *
   * @throws ParameterException when a path or a URL means nothing
   * @throws dev.vmctl.model.VmException config.invalid
   */
  DaemonSettings settings(HostFacts host, Map<String, String> environment) {
    Path file = configFile(host, environment);
    DaemonConfig read = file == null ? DaemonConfig.NONE : ConfigReader.read(file, host.home());
    if (watch.isEmpty()) {
      watch = several(environment, "VMCTL_WATCH").stream().map(Path::of).toList();
    }
    if (git.isEmpty()) {
      git = several(environment, "VMCTL_GIT");
    }
    List<Path> directories =
        watch.isEmpty()
            ? read.watch()
            : watch.stream().map(directory -> absolute("--watch", directory)).toList();
    LogFormat usual = ThisHost.isTerminal(2) ? LogFormat.TEXT : LogFormat.JSON;
    LogFormat fallback = read.log() == null ? usual : read.log();
    return new DaemonSettings(
        directories.stream().distinct().toList(),
        git.isEmpty() ? read.git() : repositories(),
        read.places(),
        file,
        dataDirectory(host, environment, read),
        either(listen, read.listen(), Listen.DEFAULT),
        either(resync, read.resync(), DEFAULT_RESYNC),
        either(log, null, fallback),
        new EnginePolicy(
            either(apply, read.apply(), EnginePolicy.STANDARD.apply()),
            parallel(read),
            overcommit || Boolean.TRUE.equals(read.overcommit())),
        events(read),
        traces == null ? read.traces() : traces,
        api(read),
        isOfTheHost() ? systemSocket(environment) : null);
  }

  private EventSettings events(DaemonConfig read) {
    Path exec = eventExec == null ? read.eventExec() : absolute("--event-exec", eventExec);
    Path secret =
        eventWebhookSecret == null
            ? read.eventWebhookSecret()
            : absolute("--event-webhook-secret-file", eventWebhookSecret);
    return new EventSettings(
        eventWebhook == null ? read.eventWebhook() : eventWebhook,
        secret,
        exec,
        either(eventType, read.eventType(), VmEvent.Type.NORMAL));
  }

  private Path systemSocket(Map<String, String> environment) {
    String elsewhere = environment.getOrDefault(SYSTEM_SOCKET_VARIABLE, "");
    return elsewhere.isEmpty()
        ? OperatingSystem.current().systemSocket()
        : absolute(SYSTEM_SOCKET_VARIABLE, Path.of(elsewhere));
  }

  private @Nullable ApiListen api(DaemonConfig read) {
    if (api == null) {
      if (certificate != null || key != null || token != null) {
        throw new ParameterException(
            parser(), "--tls-cert, --tls-key and --token-file belong to --api");
      }
      return read.api();
    }
    try {
      return ApiListen.parse(
          api,
          certificate == null ? null : absolute("--tls-cert", certificate),
          key == null ? null : absolute("--tls-key", key),
          token == null ? null : absolute("--token-file", token));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(parser(), "--api: " + e.getMessage());
    }
  }

  private int parallel(DaemonConfig read) {
    if (parallel != null && (parallel < 1 || parallel > 1000)) {
      throw new ParameterException(parser(), "--parallel: '" + parallel + "' is not 1 to 1000");
    }
    return either(parallel, read.parallel(), EnginePolicy.STANDARD.parallel());
  }

  private static <T> T either(@Nullable T first, @Nullable T second, T otherwise) {
    return first != null ? first : second != null ? second : otherwise;
  }

  private @Nullable Path configFile(HostFacts host, Map<String, String> environment) {
    if (config != null) {
      return absolute("--config", config);
    }
    String named = environment.getOrDefault("VMCTL_CONFIG", "");
    if (!named.isEmpty()) {
      return absolute("VMCTL_CONFIG", Path.of(named));
    }
    String xdg = environment.getOrDefault("XDG_CONFIG_HOME", "");
    Path own = xdg.startsWith("/") ? Path.of(xdg) : host.home().resolve(".config");
    Path usual =
        (host.userId() == 0 ? OperatingSystem.current().systemConfiguration() : own)
            .resolve("vmctl/vmctl.kdl");
    return Files.exists(usual) ? usual : null;
  }

  /** {@code URL[#BRANCH[:PATH]]}, each named by the last part of its URL. */
  private List<GitRepository> repositories() {
    List<GitRepository> all = new ArrayList<>();
    for (String text : git) {
      RepositoryPlace place = RepositoryPlace.parse(text);
      String name = place.name();
      for (int i = 2; isTaken(name, all); i++) {
        name = place.name() + "-" + i;
      }
      try {
        all.add(GitRepository.of(name, place.url(), place.branch(), place.path()));
      } catch (IllegalArgumentException e) {
        throw new ParameterException(parser(), "--git: " + e.getMessage());
      }
    }
    return all;
  }

  private static boolean isTaken(String name, List<GitRepository> all) {
    return all.stream().anyMatch(each -> each.name().equals(name));
  }

  private Path dataDirectory(HostFacts host, Map<String, String> environment, DaemonConfig read) {
    if (dataDirectory != null) {
      return absolute("--data-dir", dataDirectory);
    }
    if (isOfTheHost()) {
      String elsewhere = environment.getOrDefault(SYSTEM_DIRECTORY_VARIABLE, "");
      return elsewhere.isEmpty()
          ? OperatingSystem.current().systemData()
          : absolute(SYSTEM_DIRECTORY_VARIABLE, Path.of(elsewhere));
    }
    String variable = environment.getOrDefault(DATA_DIRECTORY_VARIABLE, "");
    if (!variable.isEmpty()) {
      return absolute(DATA_DIRECTORY_VARIABLE, Path.of(variable));
    }
    Path written = read.dataDirectory();
    return written == null ? host.dataDirectory() : written;
  }

  private CommandLine parser() {
    return spec == null ? new CommandLine(this) : spec.commandLine();
  }

  private Path absolute(String option, Path path) {
    if (path.toString().isEmpty()) {
      throw new ParameterException(parser(), option + " is empty");
    }
    return path.toAbsolutePath().normalize();
  }
}
