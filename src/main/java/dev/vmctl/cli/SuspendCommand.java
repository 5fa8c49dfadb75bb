package dev.vmctl.cli;

import dev.vmctl.api.Vmctl;
import dev.vmctl.model.VmName;
import picocli.CommandLine.Command;

/** {@code vmctl suspend}. */
@Command(
    name = "suspend",
    description = "Freeze the processors of running VMs; memory and network stay as they are.",
    footerHeading = "%nExamples:%n",
    footer = {"  vmctl suspend web", "  vmctl suspend -l stage=test", "  vmctl resume web"})
final class SuspendCommand extends ErrandCommand {
  SuspendCommand(Session session) {
    super(session);
  }

  @Override
  void ask(Vmctl vmctl, VmName name) {
    vmctl.suspend(name);
  }

  @Override
  Errand errand(Session session, Vmctl vmctl, VmSelection.Chosen chosen) {
    return new Errand(session, vmctl, chosen.goals(Goal.SUSPENDED));
  }
}
