package dev.vmctl.cli;

import dev.vmctl.api.VmSummary;
import dev.vmctl.api.Vmctl;
import dev.vmctl.model.VmName;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code vmctl down}. */
@Command(
    name = "down",
    description = "Stop the VMs of a VMFile, or remove them.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  vmctl down                  stop them; 'vmctl up' starts them again",
      "  vmctl down --destroy        remove them; their disks go to the trash",
      "  vmctl down --name web db    only these",
    })
final class DownCommand implements Callable<Integer> {
  /** How long a guest may take to shut down. */
  static final Duration GRACE = Duration.ofSeconds(30);

  private final Session session;
  @Mixin private final VmFileOptions vmFile = new VmFileOptions();
  @Mixin private final WaitOptions wait = new WaitOptions();

  @Option(names = "--destroy", description = "Remove them; their disks go to the trash.")
  private boolean destroy;

  DownCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    VmFileOptions.Selection selection = vmFile.load(session);
    try (Vmctl vmctl = session.writing()) {
      Set<String> present = vmctl.list().stream().map(VmSummary::name).collect(Collectors.toSet());
      Map<VmName, Goal> goals = new TreeMap<>();
      for (VmName name : selection.names()) {
        if (present.contains(name.value())) {
          goals.put(name, destroy ? Goal.GONE : Goal.STOPPED);
        } else {
          session.terminal().say(name + ": there is none");
        }
      }
      return new Errand(session, vmctl, goals)
          .waiting(wait)
          .run(() -> DownOrder.of(vmctl, goals.keySet()).forEach(name -> command(vmctl, name)));
    }
  }

  private void command(Vmctl vmctl, VmName name) {
    if (destroy) {
      vmctl.destroy(name, false);
    } else {
      vmctl.stop(name, GRACE);
    }
  }
}
