package dev.vmctl.cli;

import dev.vmctl.api.VmStatus;
import dev.vmctl.api.VmSummary;
import dev.vmctl.api.Vmctl;
import dev.vmctl.model.VmName;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code vmctl drain}. */
@Command(
    name = "drain",
    description = {
      "Stop every VM because this host goes down; after its next boot they come back.",
      "All guests are asked to shut down at once; those that do not in time are ended. What was held stopped before stays so."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  vmctl drain                      at the end of the host's shutdown scripts",
      "  vmctl drain --timeout 3m",
      "  vmctl drain --undo               it does not go down after all",
    })
final class DrainCommand implements Callable<Integer> {
  /** For what comes after the grace: SIGTERM, SIGKILL, and whatever the VMs were busy with. */
  private static final Duration BEYOND_GRACE = Duration.ofSeconds(60);

  private static final String DRAINED = "drained";

  private final Session session;

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      defaultValue = "90s",
      description = "How long the guests may take. Default: ${DEFAULT-VALUE}.")
  private Duration grace = Duration.ofSeconds(90);

  @Option(names = "--undo", description = "Start what was drained.")
  private boolean undo;

  DrainCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    try (Vmctl vmctl = session.writing()) {
      Map<VmName, Goal> goals = goals(vmctl);
      return new Errand(session, vmctl, goals)
          .waiting(grace.plus(BEYOND_GRACE))
          .downwards()
          .runEach(name -> command(vmctl, name));
    }
  }

  private Map<VmName, Goal> goals(Vmctl vmctl) {
    Map<VmName, Goal> goals = new TreeMap<>();
    for (VmSummary vm : vmctl.list()) {
      VmName name = new VmName(vm.name());
      if (!undo) {
        goals.put(name, Goal.STOPPED);
      } else if (vmctl.status(name).holds().stream()
          .map(VmStatus.HoldView::kind)
          .anyMatch(DRAINED::equals)) {
        goals.put(name, Goal.RUNNING);
      }
    }
    return goals;
  }

  private void command(Vmctl vmctl, VmName name) {
    if (undo) {
      vmctl.start(name);
    } else {
      vmctl.drain(name, grace);
    }
  }
}
