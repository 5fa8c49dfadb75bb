package dev.vmctl.cli;

import dev.vmctl.api.Vmctl;
import dev.vmctl.model.VmName;
import picocli.CommandLine.Command;

/** {@code vmctl apply}. */
@Command(
    name = "apply",
    description = {
      "Make the declared changes that wait for it (lifecycle { apply \"manual\" }).",
      "'vmctl status' shows them as OutOfSync."
    },
    footerHeading = "%nExamples:%n",
    footer = {"  vmctl apply web", "  vmctl apply -l tier=front"})
final class ApplyCommand extends ErrandCommand {
  ApplyCommand(Session session) {
    super(session);
  }

  @Override
  void ask(Vmctl vmctl, VmName name) {
    vmctl.approve(name);
  }

  @Override
  Errand errand(Session session, Vmctl vmctl, VmSelection.Chosen chosen) {
    return new Errand(session, vmctl, chosen.goals(Goal.READY)).showingProvisioning();
  }
}
