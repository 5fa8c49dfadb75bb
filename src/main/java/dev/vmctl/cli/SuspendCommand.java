package dev.vmctl.cli;

import dev.vmctl.api.VmStatus;
import dev.vmctl.api.Vmctl;
import dev.vmctl.model.VmName;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code vmctl suspend}. */
@Command(
    name = "suspend",
    description = {
      "Freeze the processors of running VMs; memory and network stay as they are.",
      "With --to-disk their memory is written to disk and their processes end: 'resume' and 'start' let them go on where they were, also after a boot of the host."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  vmctl suspend web",
      "  vmctl suspend -l stage=test",
      "  vmctl suspend --to-disk web",
      "  vmctl resume web"
    })
final class SuspendCommand extends ErrandCommand {
  @Option(names = "--to-disk", description = "Write the memory to disk, and end the process.")
  private boolean toDisk;

  SuspendCommand(Session session) {
    super(session);
  }

  @Override
  void ask(Vmctl vmctl, VmName name) {
    if (toDisk) {
      vmctl.suspendToDisk(name, false);
    } else {
      vmctl.suspend(name);
    }
  }

  @Override
  void explain(Session session, Vmctl vmctl, VmSelection.Chosen chosen) {
    if (!toDisk) {
      return;
    }
    for (VmName name : chosen.goals(Goal.SUSPENDED).keySet()) {
      VmStatus.Failure why = vmctl.snapshots(name).failure();
      if (why != null) {
        new ErrorText(session.terminal())
            .print(why.code(), name + ": " + why.message(), why.help());
      }
    }
  }

  @Override
  Errand errand(Session session, Vmctl vmctl, VmSelection.Chosen chosen) {
    return new Errand(session, vmctl, chosen.goals(Goal.SUSPENDED));
  }
}
