package dev.vmctl.cli;

import dev.vmctl.api.Vmctl;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/** Commands VMs and waits until they are where they should be. */
final class Errand {
  private final Session session;
  private final Vmctl vmctl;
  private final Map<VmName, Goal> goals;
  private boolean detach;
  private boolean showsProvisioning;
  private boolean downwards;
  private Duration timeout = Duration.ofMinutes(10);

  Errand(Session session, Vmctl vmctl, Map<VmName, Goal> goals) {
    this.session = session;
    this.vmctl = vmctl;
    this.goals = Map.copyOf(goals);
  }

  /**
   * @throws VmException USAGE when nobody would carry out what is not waited for
   */
  Errand waiting(WaitOptions options) {
    if (options.detach && !vmctl.info().daemon()) {
      throw new VmException(
          ErrorCode.USAGE,
          "--detach needs a daemon: without one the work is done by the command itself",
          "leave --detach out, or start 'vmctl daemon'");
    }
    detach = options.detach;
    return waiting(options.timeout);
  }

  Errand waiting(Duration longest) {
    timeout = longest;
    return this;
  }

  /** What provision steps write is shown as it comes. */
  Errand showingProvisioning() {
    showsProvisioning = true;
    return this;
  }

  /** Those that depend on others get the command before these. */
  Errand downwards() {
    downwards = true;
    return this;
  }

  /** Gives each VM the command, then waits. One that is refused is told, and keeps no other. */
  int runEach(Consumer<VmName> command) {
    Set<VmName> refused = new TreeSet<>();
    int code =
        run(
            () -> {
              Set<VmName> names = new TreeSet<>(goals.keySet());
              for (VmName name : downwards ? DownOrder.of(vmctl, names) : names) {
                try {
                  command.accept(name);
                } catch (VmException no) {
                  refused.add(name);
                  new ErrorText(session.terminal()).failed(no, session.globals().verbose);
                }
              }
            },
            refused);
    return refused.isEmpty() ? code : ExitCode.FAILED;
  }

  /** Gives the command, waits, says what failed; returns the exit code. */
  int run(Runnable command) {
    return run(command, Set.of());
  }

  private int run(Runnable command, Set<VmName> refused) {
    Map<VmName, Long> logs = new HashMap<>();
    if (showsProvisioning && !detach) {
      goals.keySet().forEach(name -> logs.put(name, ProvisionOutput.end(vmctl, name)));
    }
    command.run();
    Map<VmName, Goal> commanded = new HashMap<>(goals);
    commanded.keySet().removeAll(refused);
    if (detach || commanded.isEmpty()) {
      return ExitCode.DONE;
    }
    List<Waiting.Unreached> unreached = new Waiting(vmctl, session, commanded, logs).run(timeout);
    ErrorText text = new ErrorText(session.terminal());
    for (Waiting.Unreached each : unreached) {
      text.print(each.why().code(), each.vm() + ": " + each.why().message(), each.why().help());
    }
    return unreached.isEmpty() ? ExitCode.DONE : ExitCode.FAILED;
  }
}
