package dev.vmctl.cli;

import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Unmatched;

/**
 * {@code vmctl daemon}, for the help only: {@code bin/vmctl} starts the daemon itself, which is
 * another program.
 */
@Command(
    name = "daemon",
    customSynopsis =
        "vmctl daemon [--watch DIR]... [--git URL[#BRANCH[:PATH]]]... [--config FILE]%n",
    description = {
      "Keep VMs the way their VMFiles describe them: heal what fails, follow what is edited.",
      "Runs in the foreground. Ending it stops no VM; started again it finds them all."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  vmctl daemon --watch /srv/vms",
      "  vmctl daemon --git https://example.org/fleet.git#main:vms",
      "  vmctl daemon --show-config    what /etc/vmctl/vmctl.kdl and the options come to",
    })
final class DaemonCommand implements Callable<Integer> {
  @Unmatched private List<String> rest = new ArrayList<>();

  DaemonCommand(Session session) {
    // The daemon has its own surroundings.
  }

  @Override
  public Integer call() {
    throw new VmException(
        ErrorCode.USAGE,
        "the daemon is not started by this program",
        "run bin/vmctl: bin/vmctl daemon " + String.join(" ", rest));
  }
}
