package dev.vmctl.cli;

import dev.vmctl.api.ProgramRequest;
import dev.vmctl.api.ProgramView;
import dev.vmctl.api.Vmctl;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code vmctl exec}. */
@Command(
    name = "exec",
    customSynopsis = "vmctl exec [-i] [--timeout TIME] NAME -- COMMAND...%n",
    description = {
      "Run a command in a guest by its QEMU guest agent, which needs no network, as the user that the agent runs as: root, mostly.",
      "What it writes comes when it has ended, at most 16 MiB each of output and errors. Ends with its exit code, or 255. With a network 'vmctl ssh' does more."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  vmctl exec web -- ip addr",
      "  vmctl exec web -- sh -c 'echo $HOME; ls *.log'        by a shell, with all it can do",
      "  vmctl exec -i web -- tee /etc/motd < motd",
      "  vmctl exec --timeout 10s web -- fsck -n /dev/vdb",
    })
final class ExecCommand implements Callable<Integer> {
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);

  private final Session session;
  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "NAME", description = "The VM.")
  private VmName name = new VmName("unset");

  @Option(
      names = {"-i", "--stdin"},
      description = "Give it our standard input, whole, at most 8 MiB.")
  private boolean withInput;

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      description =
          "How long it may take; then it is ended by SIGTERM. Default: as long as it takes.")
  private @Nullable Duration timeout;

  ExecCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    List<String> command = session.afterDashes();
    if (command.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(),
          "which command? Write it after two dashes: vmctl exec NAME -- COMMAND");
    }
    try {
      ProgramRequest request = new ProgramRequest(command, withInput ? input() : new byte[0]);
      return shown(session.read(vmctl -> run(vmctl, request)));
    } catch (VmException ours) {
      new ErrorText(session.terminal()).print(ours.code().text(), ours.getMessage(), ours.help());
      return ExitCode.SSH_FAILED;
    }
  }

  private byte[] input() {
    try {
      byte[] input = session.terminal().in().readNBytes(ProgramRequest.MOST_INPUT + 1);
      if (input.length > ProgramRequest.MOST_INPUT) {
        throw new VmException(
            ErrorCode.USAGE,
            "the standard input is longer than the 8 MiB that an agent takes at once",
            "copy it first: vmctl cp - " + name + ":FILE");
      }
      return input;
    } catch (IOException e) {
      throw new VmException(
          ErrorCode.IO, "cannot read the standard input: " + e.getMessage(), "", e);
    }
  }

  private ProgramView.End run(Vmctl vmctl, ProgramRequest request) {
    long id = vmctl.startProgram(name, request);
    LongSupplier clock = session.surroundings().nanoTime();
    long begun = clock.getAsLong();
    while (true) {
      Duration wait = LONGEST_WAIT;
      if (timeout != null) {
        Duration left = timeout.minusNanos(clock.getAsLong() - begun);
        if (left.isNegative() || left.isZero()) {
          throw late(vmctl, id, timeout);
        }
        wait = left.compareTo(wait) < 0 ? left : wait;
      }
      ProgramView.End end = vmctl.program(name, id, wait).end();
      if (end != null) {
        return end;
      }
    }
  }

  private VmException late(Vmctl vmctl, long id, Duration limit) {
    vmctl.startProgram(
        name, new ProgramRequest(List.of("kill", "-TERM", Long.toString(id)), new byte[0]));
    return new VmException(
        ErrorCode.TIMEOUT,
        "the command had not ended after " + DurationText.of(limit),
        "it was sent SIGTERM; its process in the guest is " + id);
  }

  private int shown(ProgramView.End end) {
    Terminal terminal = session.terminal();
    terminal.out().write(end.out(), 0, end.out().length);
    terminal.out().flush();
    terminal.err().write(end.err(), 0, end.err().length);
    terminal.err().flush();
    if (end.cut()) {
      terminal.say("warning: it wrote more than the 16 MiB that an agent keeps; the rest is lost");
    }
    return end.exitCode();
  }
}
