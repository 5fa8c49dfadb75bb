package dev.vmctl.cli;

import dev.vmctl.api.ApplyRequest;
import dev.vmctl.api.PlanView;
import dev.vmctl.api.VmSummary;
import dev.vmctl.api.Vmctl;
import dev.vmctl.model.VmName;
import dev.vmctl.model.VmState;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code vmctl provision}. */
@Command(
    name = "provision",
    description = "Run all provision steps again on the running VMs of a VMFile.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  vmctl provision",
      "  vmctl provision --name web",
    })
final class ProvisionCommand implements Callable<Integer> {
  private final Session session;
  @Mixin private final VmFileOptions vmFile = new VmFileOptions();
  @Mixin private final WaitOptions wait = new WaitOptions();

  ProvisionCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    VmFileOptions.Selection selection = vmFile.load(session);
    try (Vmctl vmctl = session.writing()) {
      Map<String, VmSummary> present =
          vmctl.list().stream().collect(Collectors.toMap(VmSummary::name, Function.identity()));
      Map<VmName, Goal> goals = new TreeMap<>();
      for (VmName name : selection.names()) {
        VmSummary vm = present.get(name.value());
        if (vm == null || !vm.state().equals(VmState.RUNNING.text())) {
          session.terminal().say(name + ": does not run, left alone");
        } else if (selection.all() && vmctl.status(name).provision().total() == 0) {
          session.terminal().say(name + ": has no provision steps, left alone");
        } else {
          goals.put(name, Goal.READY);
        }
      }
      warnOfEdits(vmctl.plan(selection.request(false, ApplyRequest.Provisioning.AS_NEEDED)), goals);
      return new Errand(session, vmctl, goals)
          .waiting(wait)
          .showingProvisioning()
          .run(() -> goals.keySet().forEach(vmctl::provision));
    }
  }

  private void warnOfEdits(PlanView plan, Map<VmName, Goal> goals) {
    for (PlanView.VmPlan vm : plan.vms()) {
      if (goals.containsKey(new VmName(vm.name())) && !vm.changes().isEmpty()) {
        session
            .terminal()
            .say(vm.name() + ": the VMFile was edited since 'up'; that is not applied here");
      }
    }
  }
}
