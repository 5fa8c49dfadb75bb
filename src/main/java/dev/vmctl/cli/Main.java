package dev.vmctl.cli;

import java.util.Map;

/** Where the program starts. */
public final class Main {
  private Main() {}

  public static void main(String[] arguments) {
    Map<String, String> environment = System.getenv();
    Surroundings surroundings = Surroundings.ofProcess();
    Session session =
        new Session(
            Terminal.ofProcess(environment),
            surroundings,
            new VmctlConnector(new InProcessEngine()),
            new SourceVmFiles(surroundings),
            new SystemForeground());
    System.exit(new Cli(session).run(arguments));
  }
}
