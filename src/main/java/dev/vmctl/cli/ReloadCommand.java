package dev.vmctl.cli;

import dev.vmctl.api.ApplyRequest;
import dev.vmctl.api.VmSummary;
import dev.vmctl.api.Vmctl;
import dev.vmctl.model.VmName;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code vmctl reload}. */
@Command(
    name = "reload",
    description = {
      "Give the VMs of a VMFile new disks, as if they were new, with the file as it is now.",
      "The old disks go to the trash."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  vmctl reload --name web",
      "  vmctl trash list            where the old disk is",
    })
final class ReloadCommand implements Callable<Integer> {
  private final Session session;
  @Mixin private final VmFileOptions vmFile = new VmFileOptions();
  @Mixin private final WaitOptions wait = new WaitOptions();

  @Option(names = "--no-provision", description = "Run no provision steps.")
  private boolean noProvision;

  ReloadCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    VmFileOptions.Selection selection = vmFile.load(session);
    ApplyRequest.Provisioning provisioning =
        noProvision ? ApplyRequest.Provisioning.SKIP : ApplyRequest.Provisioning.AS_NEEDED;
    Map<VmName, Goal> goals = new TreeMap<>();
    selection.names().forEach(name -> goals.put(name, Goal.READY));
    try (Vmctl vmctl = session.writing()) {
      Set<String> before = vmctl.list().stream().map(VmSummary::name).collect(Collectors.toSet());
      return new Errand(session, vmctl, goals)
          .waiting(wait)
          .showingProvisioning()
          .run(
              () -> {
                // The old disks first: what the file asks for is then made on the new ones at once.
                selection.names().stream()
                    .filter(name -> before.contains(name.value()))
                    .forEach(name -> vmctl.reload(name, !noProvision));
                vmctl.apply(selection.request(false, provisioning));
              });
    }
  }
}
