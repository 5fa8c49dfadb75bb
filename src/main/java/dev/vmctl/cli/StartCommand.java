package dev.vmctl.cli;

import dev.vmctl.api.Vmctl;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code vmctl start}. */
@Command(
    name = "start",
    description = "Start VMs, and keep them started.",
    footerHeading = "%nExamples:%n",
    footer = {"  vmctl start web", "  vmctl start web db", "  vmctl start -l tier=front"})
final class StartCommand implements Callable<Integer> {
  private final Session session;
  @Mixin private final WaitOptions wait = new WaitOptions();
  @Mixin private final StartOptions start = new StartOptions();

  @Mixin private final VmSelection selection = new VmSelection();

  StartCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    selection.require();
    try (Vmctl vmctl = session.writing(start.policy())) {
      VmSelection.Chosen chosen = selection.choose(vmctl, session);
      return chosen.code(
          new Errand(session, vmctl, chosen.goals(Goal.READY))
              .waiting(wait)
              .showingProvisioning()
              .runEach(vmctl::start));
    }
  }
}
