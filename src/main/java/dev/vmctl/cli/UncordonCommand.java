package dev.vmctl.cli;

import dev.vmctl.api.Vmctl;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code vmctl uncordon}. */
@Command(
    name = "uncordon",
    description = {
      "End a cordon: a daemon starts what has waited.",
      "Without a daemon the next 'up' or 'start' does. What was drained: 'vmctl drain --undo'."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  vmctl uncordon",
      "  vmctl uncordon && vmctl drain --undo",
    })
final class UncordonCommand implements Callable<Integer> {
  private final Session session;

  UncordonCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    try (Vmctl vmctl = session.writing()) {
      vmctl.uncordon();
    }
    return ExitCode.DONE;
  }
}
