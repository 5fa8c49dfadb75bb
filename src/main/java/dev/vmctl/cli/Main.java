package dev.vmctl.cli;

import dev.vmctl.host.Log;
import java.util.List;
import java.util.Optional;

/** Where the program starts. */
public final class Main {
  private Main() {}

  public static void main(String[] arguments) {
    // What goes wrong with a VM the command itself tells; only faults of ours are left to the log.
    Log.onlyFrom(System.Logger.Level.ERROR);
    Session session = session(Terminal.ofProcess(System.getenv()));
    Optional<ListCommand> list = QuickList.of(session, List.of(arguments));
    if (list.isPresent()) {
      int code = run(list.get(), session.terminal());
      // An orderly exit looks for a log of exits in every jar. All is written and closed by now.
      Runtime.getRuntime().halt(code);
    }
    System.exit(new Cli(session).run(arguments));
  }

  /** Runs a command line as this process would; returns the exit code. */
  static int run(Terminal terminal, String... arguments) {
    Session session = session(terminal);
    return QuickList.of(session, List.of(arguments))
        .map(list -> run(list, terminal))
        .orElseGet(() -> new Cli(session).run(arguments));
  }

  private static Session session(Terminal terminal) {
    Surroundings surroundings = Surroundings.ofProcess();
    return new Session(
        terminal,
        surroundings,
        new VmctlConnector(new InProcessEngine()),
        new SourceVmFiles(surroundings),
        new SystemForeground());
  }

  private static int run(ListCommand list, Terminal terminal) {
    int code;
    try {
      code = list.call();
    } catch (RuntimeException failure) {
      code = new ErrorText(terminal).failed(failure, false);
    }
    return terminal.end(code);
  }
}
