package dev.vmctl.cli;

import dev.vmctl.api.Vmctl;
import dev.vmctl.model.VmName;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

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
      "  vmctl destroy web --purge    delete the disk for good",
    })
final class DestroyCommand implements Callable<Integer> {
  private final Session session;
  @Mixin private final WaitOptions wait = new WaitOptions();

  @Parameters(paramLabel = "NAME", arity = "1..*", description = "The VMs.")
  private List<VmName> names = List.of();

  @Option(names = "--purge", description = "Delete the disks for good.")
  private boolean purge;

  DestroyCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    Map<VmName, Goal> goals = new TreeMap<>();
    names.forEach(name -> goals.put(name, Goal.GONE));
    try (Vmctl vmctl = session.writing()) {
      return new Errand(session, vmctl, goals)
          .waiting(wait)
          .run(() -> goals.keySet().forEach(name -> vmctl.destroy(name, purge)));
    }
  }
}
