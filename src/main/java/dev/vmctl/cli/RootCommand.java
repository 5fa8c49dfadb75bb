package dev.vmctl.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code vmctl} itself. */
@Command(
    name = "vmctl",
    description = "Keeps virtual machines the way their VMFiles describe them.",
    synopsisSubcommandLabel = "COMMAND",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "  0:done: what was asked for is so",
      "  1:failed: the standard error says why",
      "  2:plan --detailed-exitcode: something would be done",
      " 64:the command line is wrong",
      "130:interrupted: only the waiting has ended, no VM was stopped",
      "255:ssh, exec: vmctl or ssh failed; their other codes are the guest's",
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  vmctl up                    bring up what ./VMFile.kdl declares",
      "  vmctl list                  what there is",
      "  vmctl ssh web -- uname -a   run a command in a guest",
      "  vmctl daemon --watch vms/   keep a directory of VMFiles true from now on",
      "  vmctl COMMAND --help        more on one command",
    })
final class RootCommand implements Callable<Integer> {
  @SuppressWarnings("UnusedVariable") // the parser fills it in
  @Mixin
  private final GlobalOptions globals;

  @Spec private CommandSpec spec;

  RootCommand(Session session) {
    globals = session.globals();
    spec = CommandSpec.create(); // Replaced by the parser.
  }

  @Override
  public Integer call() {
    throw new CommandLine.ParameterException(spec.commandLine(), "a command is missing");
  }
}
