package dev.vmctl.cli;

import dev.vmctl.api.Vmctl;
import dev.vmctl.model.VmName;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code vmctl start}. */
@Command(
    name = "start",
    description = {
      "Start VMs, and keep them started.",
      "One that is suspended to disk goes on where it was."
    },
    footerHeading = "%nExamples:%n",
    footer = {"  vmctl start web", "  vmctl start web db", "  vmctl start -l tier=front"})
final class StartCommand extends ErrandCommand {
  @Mixin private final StartOptions start = new StartOptions();

  @Option(
      names = "--discard-state",
      description = "Give up the memory of a VM that is suspended to disk, and boot it.")
  private boolean discardState;

  StartCommand(Session session) {
    super(session);
  }

  @Override
  Vmctl writing(Session session) {
    return session.writing(start.policy());
  }

  @Override
  void ask(Vmctl vmctl, VmName name) {
    if (discardState) {
      vmctl.discardMemory(name);
    }
    vmctl.start(name);
  }

  @Override
  Errand errand(Session session, Vmctl vmctl, VmSelection.Chosen chosen) {
    return new Errand(session, vmctl, chosen.goals(Goal.READY)).showingProvisioning();
  }
}
