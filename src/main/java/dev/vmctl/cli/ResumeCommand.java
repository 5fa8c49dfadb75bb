package dev.vmctl.cli;

import dev.vmctl.api.Vmctl;
import dev.vmctl.model.VmName;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code vmctl resume}. */
@Command(
    name = "resume",
    description = "Let suspended VMs run on.",
    footerHeading = "%nExamples:%n",
    footer = {"  vmctl resume web"})
final class ResumeCommand implements Callable<Integer> {
  private final Session session;
  @Mixin private final WaitOptions wait = new WaitOptions();

  @Parameters(paramLabel = "NAME", arity = "1..*", description = "The VMs.")
  private List<VmName> names = List.of();

  ResumeCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    Map<VmName, Goal> goals = new TreeMap<>();
    names.forEach(name -> goals.put(name, Goal.RUNNING));
    try (Vmctl vmctl = session.writing()) {
      return new Errand(session, vmctl, goals)
          .waiting(wait)
          .run(() -> goals.keySet().forEach(vmctl::resume));
    }
  }
}
