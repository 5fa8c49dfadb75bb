package dev.vmctl.cli;

import dev.vmctl.Version;
import dev.vmctl.api.Vmctl;
import dev.vmctl.api.http.DaemonClient;
import dev.vmctl.model.EnginePolicy;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** One run of one command: what it was given, and its way to {@link Vmctl}. */
final class Session {
  private final Terminal terminal;
  private final Surroundings surroundings;
  private final VmctlConnector connector;
  private final VmFiles vmFiles;
  private final Foreground foreground;
  private final GlobalOptions globals = new GlobalOptions();
  private List<String> afterDashes = List.of();

  Session(
      Terminal terminal,
      Surroundings surroundings,
      VmctlConnector connector,
      VmFiles vmFiles,
      Foreground foreground) {
    this.terminal = terminal;
    this.surroundings = surroundings;
    this.connector = connector;
    this.vmFiles = vmFiles;
    this.foreground = foreground;
  }

  Terminal terminal() {
    return terminal;
  }

  Surroundings surroundings() {
    return surroundings;
  }

  VmFiles vmFiles() {
    return vmFiles;
  }

  Foreground foreground() {
    return foreground;
  }

  /** The words after {@code --}: another program's command line, not ours to read. */
  List<String> afterDashes() {
    return afterDashes;
  }

  void setAfterDashes(List<String> words) {
    afterDashes = List.copyOf(words);
  }

  GlobalOptions globals() {
    return globals;
  }

  Path dataDirectory() {
    Path given = globals.dataDirectory;
    if (globals.system) {
      return surroundings.systemDataDirectory();
    }
    return given == null ? surroundings.defaultDataDirectory() : surroundings.resolve(given);
  }

  /** The daemon to ask, whatever the data directory; null for that of the data directory. */
  private @Nullable Path host() {
    if (globals.system) {
      Path system = surroundings.systemSocket();
      return new DaemonClient(system).isAnswered() ? system : null;
    }
    boolean elsewhere = globals.dataDirectory != null;
    String host = elsewhere ? "" : surroundings.environment().getOrDefault("VMCTL_HOST", "");
    return host.isEmpty() ? null : HostAddress.socket(host);
  }

  /** Whether a daemon answers for the data directory. */
  boolean hasDaemon() {
    return connector.hasDaemon(dataDirectory(), host());
  }

  /** Asks whoever answers questions. */
  <T> T read(Function<Vmctl, T> question) {
    try (Vmctl vmctl = connector.forReading(dataDirectory(), host())) {
      T answer = question.apply(vmctl);
      warnOfOtherVersion(vmctl);
      return answer;
    }
  }

  /** Whoever carries out commands; the caller closes it. */
  Vmctl writing() {
    return writing(EnginePolicy.STANDARD);
  }

  /** The same; without a daemon this policy holds. */
  Vmctl writing(EnginePolicy policy) {
    return connector.forWriting(dataDirectory(), host(), globals.lockTimeout, policy);
  }

  /** Says so when the answers came from a daemon of another version. */
  private void warnOfOtherVersion(Vmctl vmctl) {
    if (vmctl instanceof DaemonClient client) {
      client
          .serverVersion()
          .filter(theirs -> !theirs.equals(Version.CURRENT))
          .ifPresent(
              theirs ->
                  terminal.say(
                      "warning: the daemon is vmctl "
                          + theirs
                          + ", this is "
                          + Version.CURRENT
                          + ": restart the daemon"));
    }
  }
}
