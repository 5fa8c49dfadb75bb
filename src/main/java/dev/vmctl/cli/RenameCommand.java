package dev.vmctl.cli;

import dev.vmctl.api.Vmctl;
import dev.vmctl.model.VmName;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code vmctl rename}. */
@Command(
    name = "rename",
    description = {
      "Give a VM that is held stopped another name. Its disk, uuid, MAC address and keys stay.",
      "Refused while its VMFile declares the old name: change it there first."
    },
    footerHeading = "%nExamples:%n",
    footer = "  vmctl stop web && vmctl rename web shop && vmctl start shop")
final class RenameCommand implements Callable<Integer> {
  private final Session session;

  @Parameters(index = "0", paramLabel = "OLD", description = "The VM.")
  private VmName from = new VmName("unset");

  @Parameters(index = "1", paramLabel = "NEW", description = "Its new name.")
  private VmName to = new VmName("unset");

  RenameCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    try (Vmctl vmctl = session.writing()) {
      vmctl.rename(from, to);
      session.terminal().say(from + ": renamed to " + to);
      return ExitCode.DONE;
    }
  }
}
