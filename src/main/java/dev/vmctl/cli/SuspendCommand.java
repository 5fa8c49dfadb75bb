package dev.vmctl.cli;

import dev.vmctl.api.Vmctl;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code vmctl suspend}. */
@Command(
    name = "suspend",
    description = "Freeze the processors of running VMs; memory and network stay as they are.",
    footerHeading = "%nExamples:%n",
    footer = {"  vmctl suspend web", "  vmctl suspend -l stage=test", "  vmctl resume web"})
final class SuspendCommand implements Callable<Integer> {
  private final Session session;
  @Mixin private final WaitOptions wait = new WaitOptions();

  @Mixin private final VmSelection selection = new VmSelection();

  SuspendCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    selection.require();
    try (Vmctl vmctl = session.writing()) {
      VmSelection.Chosen chosen = selection.choose(vmctl, session);
      return chosen.code(
          new Errand(session, vmctl, chosen.goals(Goal.SUSPENDED))
              .waiting(wait)
              .runEach(vmctl::suspend));
    }
  }
}
