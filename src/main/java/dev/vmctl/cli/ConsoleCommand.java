package dev.vmctl.cli;

import dev.vmctl.api.ConsoleAccess;
import dev.vmctl.api.LogChunk;
import dev.vmctl.api.LogKind;
import dev.vmctl.api.Vmctl;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code vmctl console}. */
@Command(
    name = "console",
    description = {
      "Connect the terminal to a VM's serial console. Ctrl+] detaches.",
      "Several may be connected at once: all see the same, and all may type. A serial line knows no window size: --size, or 'resize' in the guest, tells it.",
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  vmctl console web",
      "  vmctl console web --log          with all it said before",
      "  vmctl console web --size         at a shell's prompt",
      "  vmctl log web --console      what it said so far",
    })
final class ConsoleCommand implements Callable<Integer> {
  private final Session session;

  @Parameters(paramLabel = "NAME", description = "The VM.")
  private VmName name = new VmName("unset");

  @Option(names = "--log", description = "Show first what the guest wrote so far.")
  private boolean log;

  @Option(
      names = "--size",
      description = "Type 'stty rows R cols C' with this terminal's size to the guest first.")
  private boolean size;

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
        // The mode is restored also when the process is told to end meanwhile.
        try (TerminalMode mode = TerminalMode.raw();
            Interruption ignored = Interruption.doing(mode::close)) {
          talk(bridge);
        }
      } else {
        talk(bridge);
      }
      terminal.say("detached from " + name);
      return ExitCode.DONE;
    } catch (IOException broken) {
      throw new VmException(
          ErrorCode.IO,
          "the console of " + name + " is not reachable: " + broken.getMessage(),
          "does it run? 'vmctl status " + name + "' tells",
          broken);
    }
  }

  /** Byte for byte, as it would have come. */
  private long replay(Vmctl vmctl) {
    long offset = 0;
    LogChunk chunk;
    do {
      chunk = vmctl.log(name, LogKind.CONSOLE, offset, Duration.ZERO);
      session.terminal().out().write(chunk.data(), 0, chunk.data().length);
      offset = chunk.next();
    } while (chunk.data().length > 0);
    session.terminal().out().flush();
    return offset;
  }

  private void talk(ConsoleBridge bridge) throws IOException {
    if (log) {
      session.read(this::replay);
    }
    if (size) {
      bridge.type(TerminalMode.size().getBytes(StandardCharsets.US_ASCII));
    }
    bridge.run(session.terminal().in(), session.terminal().out());
  }
}
