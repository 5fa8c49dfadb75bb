package dev.vmctl.cli;

import dev.vmctl.api.Vmctl;
import dev.vmctl.model.VmName;
import picocli.CommandLine.Command;

/** {@code vmctl resume}. */
@Command(
    name = "resume",
    description = "Let suspended VMs run on, also those that are suspended to disk.",
    footerHeading = "%nExamples:%n",
    footer = {"  vmctl resume web"})
final class ResumeCommand extends ErrandCommand {
  ResumeCommand(Session session) {
    super(session);
  }

  @Override
  void ask(Vmctl vmctl, VmName name) {
    vmctl.resume(name);
  }

  @Override
  Errand errand(Session session, Vmctl vmctl, VmSelection.Chosen chosen) {
    return new Errand(session, vmctl, chosen.goals(Goal.RUNNING));
  }
}
