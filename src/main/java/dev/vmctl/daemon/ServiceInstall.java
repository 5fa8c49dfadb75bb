package dev.vmctl.daemon;

import dev.vmctl.api.http.HttpApi;
import dev.vmctl.host.AtomicFiles;
import dev.vmctl.host.HostFacts;
import dev.vmctl.host.ThisHost;
import dev.vmctl.host.ToolResult;
import dev.vmctl.host.ToolRun;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Makes the vmctl that runs a service of systemd. */
final class ServiceInstall {
  private static final Path BOOTED = Path.of("/run/systemd/system");
  private static final String PACKAGED = "/usr/bin/vmctl";
  private static final Duration DEADLINE = Duration.ofMinutes(3);

  private final boolean user;
  private final Path home;
  private final Path units;
  private final Path config;

  /**
   * @param home where this vmctl is installed; empty when that is not known
   * @throws VmException usage, backend.not_available when it cannot be installed so
   */
  ServiceInstall(HostFacts host, boolean user, String home) {
    this(user, Path.of(home), configRoot(host, user));
    if (!user && host.userId() != 0) {
      throw new VmException(
          ErrorCode.USAGE,
          "a service of the host is installed by root",
          "use sudo, or install one of yours: vmctl daemon --install --user");
    }
  }

  /**
   * @param etc {@code /etc}, or a user's {@code ~/.config}
   */
  ServiceInstall(boolean user, Path home, Path etc) {
    this.user = user;
    this.home = home;
    this.units = etc.resolve(user ? "systemd/user" : "systemd/system");
    this.config = etc.resolve("vmctl/vmctl.kdl");
    if (!Files.isExecutable(home.resolve("bin/vmctl"))) {
      throw new VmException(
          ErrorCode.USAGE,
          "it is not known where this vmctl is installed",
          "call it by its program: bin/vmctl daemon --install");
    }
  }

  private static Path configRoot(HostFacts host, boolean user) {
    return user ? host.home().resolve(".config") : Path.of("/etc");
  }

  /**
   * Writes units and, where there is none, a configuration, and starts the service.
   *
   * @param follow what the configuration is to say; null for the commented one
   * @return what was done, for people
   */
  List<String> install(@Nullable DaemonSettings follow) {
    List<String> done = new ArrayList<>();
    List<String> names = new ArrayList<>();
    try (Stream<Path> files = Files.list(templates())) {
      for (Path template : files.filter(each -> each.toString().endsWith(".service")).toList()) {
        String name = template.getFileName().toString();
        write(units.resolve(name), Files.readString(template).replace(PACKAGED, program()));
        done.add("wrote " + units.resolve(name));
        names.add(name);
      }
      if (!Files.exists(config)) {
        String commented = Files.readString(home.resolve("manifests/vmctl.kdl"));
        write(config, follow == null ? commented : ShownConfig.of(follow));
        done.add("wrote " + config);
      } else {
        done.add("left " + config + " as it is");
      }
    } catch (IOException e) {
      throw AtomicFiles.failure("install into", units, e);
    }
    Collections.sort(names);
    if (!user) {
      group().ifPresent(command -> done.add(ran(command)));
    }
    List<String> enable = systemctl("enable", "--now");
    enable.addAll(names);
    done.add(ran(systemctl("daemon-reload")));
    done.add(ran(enable));
    return done;
  }

  private Path templates() {
    Path all = home.resolve("manifests/systemd");
    return user ? all.resolve("user") : all;
  }

  /** As systemd reads it in a command line. */
  private String program() {
    String path = home.resolve("bin/vmctl").toAbsolutePath().normalize().toString();
    if (path.matches("[A-Za-z0-9/._+@-]+")) {
      return path;
    }
    return '"'
        + path.replace("\\", "\\\\").replace("\"", "\\\"").replace("%", "%%").replace("$", "$$")
        + '"';
  }

  private static void write(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    AtomicFiles.write(file, text, AtomicFiles.Access.EVERYBODY);
  }

  /** Whose members may use the daemon of the host. */
  private static Optional<List<String>> group() {
    return succeeds(List.of("getent", "group", HttpApi.SYSTEM_GROUP))
        ? Optional.empty()
        : Optional.of(List.of("groupadd", "--system", HttpApi.SYSTEM_GROUP));
  }

  private List<String> systemctl(String... arguments) {
    List<String> command = new ArrayList<>(List.of("systemctl"));
    if (user) {
      command.add("--user");
    }
    command.addAll(List.of(arguments));
    return command;
  }

  private static String ran(List<String> command) {
    String text = String.join(" ", command);
    if (!Files.isDirectory(BOOTED)) {
      return "systemd does not run here; where it does: " + text;
    }
    ToolResult result = run(command);
    if (!result.succeeded()) {
      throw new VmException(
          ErrorCode.IO, text + ": " + result.errors().strip(), "see: journalctl -u vmctl");
    }
    return "ran " + text;
  }

  private static boolean succeeds(List<String> command) {
    return run(command).succeeded();
  }

  private static ToolResult run(List<String> command) {
    try {
      return ThisHost.processes().run(new ToolRun(command, DEADLINE));
    } catch (InterruptedException e) {
      throw new VmException(
          ErrorCode.TIMEOUT, "interrupted: " + String.join(" ", command), "run it yourself", e);
    }
  }
}
