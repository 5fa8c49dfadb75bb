package dev.vmctl.cli;

import dev.vmctl.api.Vmctl;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code vmctl apply}. */
@Command(
    name = "apply",
    description = {
      "Make the declared changes that wait for it (lifecycle { apply \"manual\" }).",
      "'vmctl status' shows them as OutOfSync."
    },
    footerHeading = "%nExamples:%n",
    footer = {"  vmctl apply web", "  vmctl apply -l tier=front"})
final class ApplyCommand implements Callable<Integer> {
  private final Session session;
  @Mixin private final WaitOptions wait = new WaitOptions();

  @Mixin private final VmSelection selection = new VmSelection();

  ApplyCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    selection.require();
    try (Vmctl vmctl = session.writing()) {
      VmSelection.Chosen chosen = selection.choose(vmctl, session);
      return chosen.code(
          new Errand(session, vmctl, chosen.goals(Goal.READY))
              .waiting(wait)
              .showingProvisioning()
              .runEach(vmctl::approve));
    }
  }
}
