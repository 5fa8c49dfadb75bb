package dev.vmctl.cli;

import dev.vmctl.api.Vmctl;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code vmctl resume}. */
@Command(
    name = "resume",
    description = "Let suspended VMs run on.",
    footerHeading = "%nExamples:%n",
    footer = {"  vmctl resume web"})
final class ResumeCommand implements Callable<Integer> {
  private final Session session;
  @Mixin private final WaitOptions wait = new WaitOptions();

  @Mixin private final VmSelection selection = new VmSelection();

  ResumeCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    selection.require();
    try (Vmctl vmctl = session.writing()) {
      VmSelection.Chosen chosen = selection.choose(vmctl, session);
      return chosen.code(
          new Errand(session, vmctl, chosen.goals(Goal.RUNNING))
              .waiting(wait)
              .runEach(vmctl::resume));
    }
  }
}
