package dev.vmctl.cli;

import dev.vmctl.Version;
import dev.vmctl.api.Vmctl;
import dev.vmctl.api.http.DaemonClient;
import dev.vmctl.api.http.RemoteDaemon;
import dev.vmctl.model.EnginePolicy;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** One run of one command: what it was given, and its way to {@link Vmctl}. */
final class Session {
  /** Commands on what only the host of the VMs has. VMFiles name files, which the daemon reads. */
  private static final Set<String> OF_THIS_HOST =
      Set.of(
          "up",
          "plan",
          "create",
          "reload",
          "provision",
          "adopt",
          "import",
          "export",
          "ssh",
          "ssh-config",
          "cp",
          "port-forward",
          "vnc");

  private final Terminal terminal;
  private final Surroundings surroundings;
  private final VmctlConnector connector;
  private final VmFiles vmFiles;
  private final Foreground foreground;
  private final GlobalOptions globals = new GlobalOptions();
  private List<String> afterDashes = List.of();
  private String command = "";

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

  void setCommand(String word) {
    command = word;
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

  /**
   * The daemon to ask, whatever the data directory; null for that of the data directory.
   *
   * @throws VmException usage when it is of another host, and the command is for what only the host
   *     of the VMs has
   */
  private @Nullable HostAddress host() {
    boolean elsewhere = globals.system || globals.dataDirectory != null;
    String host = globals.host;
    if (host != null && elsewhere) {
      throw new VmException(
          ErrorCode.USAGE, "--host names a daemon already", "leave --data-dir and --system out");
    }
    if (globals.system) {
      Path system = surroundings.systemSocket();
      return new DaemonClient(system).isAnswered() ? new HostAddress.Socket(system) : null;
    }
    if (host == null && !elsewhere) {
      host = surroundings.environment().getOrDefault("VMCTL_HOST", "");
    }
    if (host == null || host.isEmpty()) {
      return null;
    }
    HostAddress address = HostAddress.of(host, surroundings);
    if (address instanceof HostAddress.Remote(RemoteDaemon daemon)
        && OF_THIS_HOST.contains(command)) {
      throw new VmException(
          ErrorCode.USAGE,
          "'vmctl "
              + command
              + "' needs files, sockets or addresses that only the host of the VMs has",
          "run it there: ssh " + daemon.host() + " vmctl " + command + " …");
    }
    return address;
  }

  /**
   * Before files are looked for here: another host's daemon would look for them there.
   *
   * @throws VmException usage when the command is for what only the host of the VMs has, and that
   *     is another one
   */
  void requireFilesOfThisHost() {
    host();
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
