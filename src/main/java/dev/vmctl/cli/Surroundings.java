package dev.vmctl.cli;

import dev.vmctl.host.OperatingSystem;
import dev.vmctl.host.ThisHost;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * What a command finds itself in.
 *
 * @param environment variables
 * @param workingDirectory absolute
 * @param home absolute
 * @param clock the time of day
 * @param nanoTime for measuring, in nanoseconds from anywhere
 */
record Surroundings(
    Map<String, String> environment,
    Path workingDirectory,
    Path home,
    InstantSource clock,
    LongSupplier nanoTime) {

  static Surroundings ofProcess() {
    Map<String, String> environment = System.getenv();
    return new Surroundings(
        environment,
        Path.of("").toAbsolutePath(),
        home(environment, Path.of(System.getProperty("user.home"))),
        InstantSource.system(),
        System::nanoTime);
  }

  /** {@code $HOME}, as in a shell; Java's own idea of it comes from the password file. */
  static Path home(Map<String, String> environment, Path otherwise) {
    String home = environment.getOrDefault("HOME", "");
    return home.startsWith("/") ? Path.of(home) : otherwise;
  }

  String hostName() {
    return ThisHost.facts(environment, home).hostName();
  }

  /** An absolute path for what was written on the command line. */
  Path resolve(Path written) {
    return workingDirectory.resolve(written).normalize();
  }

  /** Where the VMs of the whole system are kept, which {@code --system} means. */
  Path systemDataDirectory() {
    String ours = environment.getOrDefault("VMCTL_SYSTEM_DATA_DIR", "");
    return ours.isEmpty() ? OperatingSystem.current().systemData() : resolve(Path.of(ours));
  }

  /** Where the system's daemon is asked, by root and those in its group. */
  Path systemSocket() {
    String ours = environment.getOrDefault("VMCTL_SYSTEM_SOCKET", "");
    return ours.isEmpty() ? OperatingSystem.current().systemSocket() : resolve(Path.of(ours));
  }

  /** Where VMs are kept when no option says so. */
  Path defaultDataDirectory() {
    String ours = environment.getOrDefault("VMCTL_DATA_DIR", "");
    if (!ours.isEmpty()) {
      return resolve(Path.of(ours));
    }
    String shared = environment.getOrDefault("XDG_DATA_HOME", "");
    Path base = shared.isEmpty() ? home.resolve(".local").resolve("share") : Path.of(shared);
    return resolve(base).resolve("vmctl");
  }
}
