package dev.vmctl.cli;

import dev.vmctl.api.VmSummary;
import dev.vmctl.api.Vmctl;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code vmctl destroy}. */
@Command(
    name = "destroy",
    description = {
      "Stop and remove VMs. Their disks go to the trash, from where 'trash restore' brings them back.",
      "Refused while a watched VMFile declares them: it would bring them back at once."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  vmctl destroy web",
      "  vmctl destroy web --purge             delete the disk for good",
      "  vmctl destroy -l stage=test --yes     all that have this label",
    })
final class DestroyCommand implements Callable<Integer> {
  private final Session session;
  @Mixin private final WaitOptions wait = new WaitOptions();

  @Mixin private final VmSelection selection = new VmSelection();

  @Option(names = "--purge", description = "Delete the disks for good.")
  private boolean purge;

  @Option(
      names = {"-y", "--yes"},
      description = "Do not ask, where --all or -l chooses the VMs.")
  private boolean yes;

  @Spec private CommandSpec spec = CommandSpec.create();

  DestroyCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    selection.require();
    try (Vmctl vmctl = session.writing()) {
      VmSelection.Chosen chosen = selection.choose(vmctl, session);
      if (!yes && !selection.isNamed() && !chosen.vms().isEmpty() && !isConfirmed(chosen)) {
        session.terminal().say("nothing was destroyed");
        return ExitCode.FAILED;
      }
      return chosen.code(
          new Errand(session, vmctl, chosen.goals(Goal.GONE))
              .waiting(wait)
              .downwards()
              .runEach(name -> vmctl.destroy(name, purge)));
    }
  }

  private boolean isConfirmed(VmSelection.Chosen chosen) {
    String names = String.join(", ", chosen.vms().stream().map(VmSummary::name).toList());
    return Confirmation.asked(
        session.terminal(),
        spec,
        "Destroy " + names + (purge ? " and delete the disks for good?" : "?"));
  }
}
