package dev.vmctl.cli;

import dev.vmctl.api.Vmctl;
import dev.vmctl.model.VmName;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code vmctl start}. */
@Command(
    name = "start",
    description = "Start VMs, and keep them started.",
    footerHeading = "%nExamples:%n",
    footer = {"  vmctl start web", "  vmctl start web db", "  vmctl start -l tier=front"})
final class StartCommand extends ErrandCommand {
  @Mixin private final StartOptions start = new StartOptions();

  StartCommand(Session session) {
    super(session);
  }

  @Override
  Vmctl writing(Session session) {
    return session.writing(start.policy());
  }

  @Override
  void ask(Vmctl vmctl, VmName name) {
    vmctl.start(name);
  }

  @Override
  Errand errand(Session session, Vmctl vmctl, VmSelection.Chosen chosen) {
    return new Errand(session, vmctl, chosen.goals(Goal.READY)).showingProvisioning();
  }
}
