package dev.vmctl.cli;

import dev.vmctl.api.Vmctl;
import dev.vmctl.model.VmName;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code vmctl stop}. */
@Command(
    name = "stop",
    description = {
      "Stop VMs, and keep them stopped until 'start' or 'up'.",
      "The guest is asked to shut down; when it does not in time its process is ended."
    },
    footerHeading = "%nExamples:%n",
    footer = {"  vmctl stop web", "  vmctl stop web --timeout 2m"})
final class StopCommand implements Callable<Integer> {
  /** For what comes after the grace: SIGTERM, SIGKILL, and whatever the VM was busy with. */
  private static final Duration BEYOND_GRACE = Duration.ofSeconds(60);

  private final Session session;

  @Parameters(paramLabel = "NAME", arity = "1..*", description = "The VMs.")
  private List<VmName> names = List.of();

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
    Map<VmName, Goal> goals = new TreeMap<>();
    names.forEach(name -> goals.put(name, Goal.STOPPED));
    try (Vmctl vmctl = session.writing()) {
      return new Errand(session, vmctl, goals)
          .waiting(grace.plus(BEYOND_GRACE))
          .run(() -> goals.keySet().forEach(name -> vmctl.stop(name, grace)));
    }
  }
}
