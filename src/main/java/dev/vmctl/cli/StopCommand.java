package dev.vmctl.cli;

import dev.vmctl.api.Vmctl;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code vmctl stop}. */
@Command(
    name = "stop",
    description = {
      "Stop VMs, and keep them stopped until 'start' or 'up'.",
      "The guest is asked to shut down; when it does not in time its process is ended."
    },
    footerHeading = "%nExamples:%n",
    footer = {"  vmctl stop web", "  vmctl stop web --timeout 2m", "  vmctl stop --all"})
final class StopCommand implements Callable<Integer> {
  /** For what comes after the grace: SIGTERM, SIGKILL, and whatever the VM was busy with. */
  private static final Duration BEYOND_GRACE = Duration.ofSeconds(60);

  private final Session session;

  @Mixin private final VmSelection selection = new VmSelection();

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      defaultValue = "30s",
      description = "How long the guest may take. Default: ${DEFAULT-VALUE}.")
  private Duration grace = Duration.ofSeconds(30);

  StopCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    selection.require();
    try (Vmctl vmctl = session.writing()) {
      VmSelection.Chosen chosen = selection.choose(vmctl, session);
      return chosen.code(
          new Errand(session, vmctl, chosen.goals(Goal.STOPPED))
              .waiting(grace.plus(BEYOND_GRACE))
              .downwards()
              .runEach(name -> vmctl.stop(name, grace)));
    }
  }
}
