package dev.vmctl.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** The host we run on, as its operating system lets us see it. */
public final class ThisHost {
  private ThisHost() {}

  public static HostProcesses processes() {
    return processes(OperatingSystem.current());
  }

  static HostProcesses processes(OperatingSystem system) {
    return switch (system) {
      case LINUX -> new LinuxHostProcesses();
      case FREEBSD -> UnixHostProcesses.ofFreeBsd();
      case ILLUMOS -> UnixHostProcesses.ofIllumos();
    };
  }

  /** What is true of it, for this very process. */
  public static HostFacts facts() {
    return facts(OperatingSystem.current(), LinuxHostFacts.ofThisProcess());
  }

  /** The same for a process with such an environment. */
  public static HostFacts facts(Map<String, String> environment, Path home) {
    return facts(OperatingSystem.current(), new LinuxHostFacts(environment, home, ""));
  }

  static HostFacts facts(OperatingSystem system, LinuxHostFacts common) {
    return switch (system) {
      case LINUX -> common;
      case FREEBSD, ILLUMOS ->
          new UnixHostFacts(common, new HostCommands(processes(system)), system);
    };
  }

  /** Whether a file is of the user we run as; a link is followed. */
  public static boolean owns(Path path) throws IOException {
    return Integer.valueOf(facts().userId()).equals(Files.getAttribute(path, "unix:uid"));
  }

  /**
   * Whether one of our standard descriptors, 0 to 2, is somebody's terminal. Asked of the kernel,
   * else of test(1): the JDK tells of all three at once only, and brings a line editor along.
   */
  public static boolean isTerminal(int descriptor) {
    try {
      String target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor)).toString();
      return target.startsWith("/dev/pts/")
          || target.startsWith("/dev/tty")
          || target.equals("/dev/console");
    } catch (IOException noLinux) {
      return TerminalTest.passes(descriptor);
    }
  }

  public static HostLocks locks(HostProcesses processes) {
    return locks(OperatingSystem.current(), processes);
  }

  static HostLocks locks(OperatingSystem system, HostProcesses processes) {
    return switch (system) {
      case LINUX -> new LinuxHostLocks(processes);
      case FREEBSD, ILLUMOS -> new UnixHostLocks(processes);
    };
  }
}
