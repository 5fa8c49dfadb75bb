package dev.vmctl.cli;

import dev.vmctl.api.LogKind;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code vmctl log}. */
@Command(
    name = "log",
    description = {
      "Show what a VM wrote: its serial console and its provisioning, by default both.",
      "A console has no times: with --since it begins at the last look before then that an engine had at it, which a daemon has every minute, and a provision log with the step that was at work then."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  vmctl log web",
      "  vmctl log web --console -n 50",
      "  vmctl log web --provision -f     as it comes",
      "  vmctl log web --since 10m -f     from ten minutes ago on",
    })
final class LogCommand implements Callable<Integer> {
  private final Session session;

  @Parameters(paramLabel = "NAME", description = "The VM.")
  private VmName name = new VmName("unset");

  @Option(names = "--console", description = "What the guest wrote to its serial console.")
  private boolean console;

  @Option(names = "--provision", description = "What the provision steps wrote.")
  private boolean provision;

  @Option(names = "--hypervisor", description = "What the hypervisor's process wrote.")
  private boolean hypervisor;

  @Option(
      names = {"-n", "--tail"},
      paramLabel = "LINES",
      description = "Only the last lines.")
  private @Nullable Integer tail;

  @Option(
      names = {"-f", "--follow"},
      description = "Go on as more comes, until Ctrl-C.")
  private boolean follow;

  @Mixin private final SinceOption since = new SinceOption();

  LogCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    if (tail != null && tail < 0) {
      throw new VmException(ErrorCode.USAGE, "--tail is " + tail, "give the number of lines");
    }
    List<LogKind> kinds = kinds();
    Instant moment = since.moment(session);
    session.read(
        vmctl -> {
          LogView view = new LogView(vmctl, name, session.terminal(), kinds.size() > 1);
          kinds.forEach(kind -> view.show(kind, moment, tail));
          if (follow) {
            view.follow(kinds);
          }
          return kinds;
        });
    return ExitCode.DONE;
  }

  private List<LogKind> kinds() {
    if (!console && !provision && !hypervisor) {
      return List.of(LogKind.CONSOLE, LogKind.PROVISION);
    }
    List<LogKind> kinds = new ArrayList<>();
    if (console) {
      kinds.add(LogKind.CONSOLE);
    }
    if (provision) {
      kinds.add(LogKind.PROVISION);
    }
    if (hypervisor) {
      kinds.add(LogKind.HYPERVISOR);
    }
    return kinds;
  }
}
