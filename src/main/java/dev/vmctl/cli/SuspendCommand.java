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

/** {@code vmctl suspend}. */
@Command(
    name = "suspend",
    description = "Freeze the processors of running VMs; memory and network stay as they are.",
    footerHeading = "%nExamples:%n",
    footer = {"  vmctl suspend web", "  vmctl resume web"})
final class SuspendCommand implements Callable<Integer> {
  private final Session session;
  @Mixin private final WaitOptions wait = new WaitOptions();

  @Parameters(paramLabel = "NAME", arity = "1..*", description = "The VMs.")
  private List<VmName> names = List.of();

  SuspendCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    Map<VmName, Goal> goals = new TreeMap<>();
    names.forEach(name -> goals.put(name, Goal.SUSPENDED));
    try (Vmctl vmctl = session.writing()) {
      return new Errand(session, vmctl, goals)
          .waiting(wait)
          .run(() -> goals.keySet().forEach(vmctl::suspend));
    }
  }
}
