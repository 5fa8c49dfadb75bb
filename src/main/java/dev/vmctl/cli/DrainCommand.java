package dev.vmctl.cli;

import dev.vmctl.api.VmStatus;
import dev.vmctl.api.VmSummary;
import dev.vmctl.api.Vmctl;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import dev.vmctl.model.VmState;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code vmctl drain}. */
@Command(
    name = "drain",
    description = {
      "Stop every VM because this host goes down; after its next boot they come back.",
      "With --suspend their memory is written to disk, and they go on where they were; one whose memory cannot be kept is stopped.",
      "All guests are asked to shut down at once; those that do not in time are ended. What was held stopped before stays so."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  vmctl drain                      at the end of the host's shutdown scripts",
      "  vmctl drain --timeout 3m",
      "  vmctl drain --suspend            guests go on where they were",
      "  vmctl drain --undo               it does not go down after all",
    })
final class DrainCommand implements Callable<Integer> {
  /** For what comes after the grace: SIGTERM, SIGKILL, and whatever the VMs were busy with. */
  private static final Duration BEYOND_GRACE = Duration.ofSeconds(60);

  private static final Set<String> UNTIL_BOOT = Set.of("drained", "suspended-to-disk");

  private final Session session;

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      defaultValue = "90s",
      description = "How long the guests may take. Default: ${DEFAULT-VALUE}.")
  private Duration grace = Duration.ofSeconds(90);

  @Option(names = "--suspend", description = "Suspend to disk what runs.")
  private boolean suspend;

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
        goals.put(name, suspend ? Goal.DOWN : Goal.STOPPED);
      } else if (vmctl.status(name).holds().stream()
          .map(VmStatus.HoldView::kind)
          .anyMatch(UNTIL_BOOT::contains)) {
        goals.put(name, Goal.RUNNING);
      }
    }
    return goals;
  }

  private void command(Vmctl vmctl, VmName name) {
    if (undo) {
      vmctl.start(name);
    } else if (!suspend || !suspended(vmctl, name)) {
      vmctl.drain(name, grace);
    }
  }

  /** Whether it can go on where it was; a VM that does not run has nothing to go on from. */
  private boolean suspended(Vmctl vmctl, VmName name) {
    if (!vmctl.status(name).summary().state().equals(VmState.RUNNING.text())) {
      return false;
    }
    try {
      vmctl.suspendToDisk(name, true);
      return true;
    } catch (VmException cannot) {
      session.terminal().say(name + ": stopped instead: " + cannot.getMessage());
      return false;
    }
  }
}
