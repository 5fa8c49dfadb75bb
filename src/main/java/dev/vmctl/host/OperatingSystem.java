package dev.vmctl.host;

import java.nio.file.Path;

/** The systems we know our way around; what differs between them is decided here, once. */
public enum OperatingSystem {
  LINUX("/var/lib", "/run", "/etc"),
  FREEBSD("/var/db", "/var/run", "/usr/local/etc"),
  ILLUMOS("/var", "/var/run", "/etc");

  private final Path data;
  private final Path run;
  private final Path configuration;

  OperatingSystem(String data, String run, String configuration) {
    this.data = Path.of(data);
    this.run = Path.of(run);
    this.configuration = Path.of(configuration);
  }

  /** Where the data directory of the whole host's daemon is, if nobody says otherwise. */
  public Path systemData() {
    return data.resolve("vmctl");
  }

  /** Where that daemon is asked by root and those in its group. */
  public Path systemSocket() {
    return run.resolve("vmctl/vmctl.sock");
  }

  /** Where programs of the host have their directories of configuration. */
  public Path systemConfiguration() {
    return configuration;
  }

  /** The one we run on. */
  public static OperatingSystem current() {
    return named(System.getProperty("os.name", ""));
  }

  /**
   * @param name as the JDK has it; one that is not known counts as Linux, which it resembles most
   */
  public static OperatingSystem named(String name) {
    return switch (name) {
      case "FreeBSD" -> FREEBSD;
      case "SunOS" -> ILLUMOS;
      default -> LINUX;
    };
  }
}
