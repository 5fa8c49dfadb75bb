package dev.vmctl.cli;

import dev.vmctl.api.Vmctl;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code vmctl cordon}. */
@Command(
    name = "cordon",
    description = {
      "Let nothing come up on this host that is down, until 'vmctl uncordon'.",
      "What runs runs on, and comes back when it crashes. Daemons and boots do not end it."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  vmctl cordon --reason 'new disks on Friday'",
      "  vmctl cordon && vmctl drain       and after the work: vmctl uncordon",
    })
final class CordonCommand implements Callable<Integer> {
  private final Session session;

  @Option(
      names = "--reason",
      paramLabel = "WORDS",
      description = "Shown with every VM that waits for it.")
  private String reason = "";

  CordonCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    try (Vmctl vmctl = session.writing()) {
      vmctl.cordon(reason);
    }
    return ExitCode.DONE;
  }
}
