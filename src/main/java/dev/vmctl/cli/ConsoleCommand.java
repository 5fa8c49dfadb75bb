package dev.vmctl.cli;

import dev.vmctl.api.ConsoleAccess;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code vmctl console}. */
@Command(
    name = "console",
    description = "Connect the terminal to a VM's serial console. Ctrl+] detaches.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  vmctl console web",
      "  vmctl log web --console      what it said so far",
    })
final class ConsoleCommand implements Callable<Integer> {
  private final Session session;

  @Parameters(paramLabel = "NAME", description = "The VM.")
  private VmName name = new VmName("unset");

  ConsoleCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    ConsoleAccess access = session.read(vmctl -> vmctl.console(name));
    Terminal terminal = session.terminal();
    try (ConsoleBridge bridge = ConsoleBridge.connect(access)) {
      terminal.say("connected to " + name + "; Ctrl+] detaches");
      if (terminal.inIsTerminal()) {
        bridgeRaw(bridge, terminal);
      } else {
        bridge.run(terminal.in(), terminal.out());
      }
      terminal.say("detached from " + name);
      return ExitCode.DONE;
    } catch (IOException broken) {
      throw new VmException(
          ErrorCode.IO,
          "the console of " + name + " is not reachable: " + broken.getMessage(),
          "does it run? 'vmctl status " + name + "' tells; one connection at a time",
          broken);
    }
  }

  private static void bridgeRaw(ConsoleBridge bridge, Terminal terminal) throws IOException {
    // The mode is restored also when the process is told to end meanwhile.
    try (TerminalMode mode = TerminalMode.raw();
        Interruption ignored = Interruption.doing(mode::close)) {
      bridge.run(terminal.in(), terminal.out());
    }
  }
}
