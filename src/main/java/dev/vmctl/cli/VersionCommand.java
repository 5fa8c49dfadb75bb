package dev.vmctl.cli;

import dev.vmctl.Version;
import dev.vmctl.api.ServerInfo;
import dev.vmctl.api.Vmctl;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code vmctl version}. */
@Command(
    name = "version",
    description = "Show the versions of this command and of the daemon, if one answers.",
    footerHeading = "%nExamples:%n",
    footer = "  vmctl version")
final class VersionCommand implements Callable<Integer> {
  private final Session session;

  VersionCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    session.terminal().out().println("vmctl " + Version.CURRENT);
    if (session.hasDaemon()) {
      ServerInfo info = session.read(Vmctl::info);
      session.terminal().out().println("daemon " + info.version() + ", process " + info.pid());
    }
    return ExitCode.DONE;
  }
}
