package dev.vmctl.cli;

import dev.vmctl.api.CloneRequest;
import dev.vmctl.api.CloneView;
import dev.vmctl.api.Vmctl;
import dev.vmctl.model.VmName;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code vmctl clone}. */
@Command(
    name = "clone",
    description = {
      "Make a VM whose disks are copies of another's, which may run meanwhile.",
      "It has an identity, addresses, host name and keys of its own, and boots anew.",
      "It is not started, and no daemon starts it, before 'start' or with --start."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  vmctl clone web web-test --start",
      "  vmctl clone web web-old --snapshot before-upgrade",
    })
final class CloneCommand implements Callable<Integer> {
  private final Session session;
  @Mixin private final WaitOptions wait = new WaitOptions();

  @Parameters(index = "0", paramLabel = "NAME", description = "The VM.")
  private VmName name = new VmName("unset");

  @Parameters(index = "1", paramLabel = "NEW", description = "Name of the new VM.")
  private VmName to = new VmName("unset");

  @Option(
      names = "--snapshot",
      paramLabel = "SNAPSHOT",
      description = "Copy the disks as they were then. Default: as they are now.")
  private @Nullable String snapshot;

  @Option(names = "--start", description = "Start it at once.")
  private boolean start;

  CloneCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    try (Vmctl vmctl = session.writing()) {
      int code =
          new Errand(session, vmctl, Map.of(to, start ? Goal.READY : Goal.PREPARED))
              .waiting(wait)
              .run(() -> tell(vmctl.cloneVm(name, new CloneRequest(to, snapshot, start))));
      return code != ExitCode.DONE || wait.detach || snapshot != null
          ? code
          : new SnapshotWait(session, vmctl, name, wait)
              .run("deleting what was taken to be copied", "as it was");
    }
  }

  private void tell(CloneView view) {
    session.terminal().say(view.vm() + ": a clone of " + view.of());
    view.notes().forEach(note -> session.terminal().say("note: " + note));
  }
}
