package dev.vmctl.cli;

import dev.vmctl.api.Vmctl;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/** Where the program starts. */
public final class Main {
  private Main() {}

  public static void main(String[] arguments) {
    Map<String, String> environment = System.getenv();
    Session session =
        new Session(
            Terminal.ofProcess(environment),
            Surroundings.ofProcess(),
            new VmctlConnector(new DaemonOnly()),
            new SourceVmFiles(),
            new SystemForeground());
    System.exit(new Cli(session).run(arguments));
  }

  /** Until the engine can be opened inside a command: a daemon is needed. */
  private static final class DaemonOnly implements LocalEngine {
    @Override
    public Vmctl open(Path dataDirectory, Duration lockTimeout) {
      throw noDaemon(dataDirectory);
    }

    @Override
    public Vmctl openReadOnly(Path dataDirectory) {
      throw noDaemon(dataDirectory);
    }

    private static VmException noDaemon(Path dataDirectory) {
      return new VmException(
          ErrorCode.DAEMON_UNREACHABLE,
          "no daemon answers for " + dataDirectory,
          "start one: vmctl daemon --watch DIR");
    }
  }
}
