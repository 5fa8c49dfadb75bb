package dev.vmctl.cli;

import dev.vmctl.api.Changes;
import dev.vmctl.api.VmStatus;
import dev.vmctl.api.Vmctl;
import dev.vmctl.api.Watch;
import dev.vmctl.model.VmName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Follows VMs until each is where a command wants it, or will not get there. Only watches: what the
 * command asked for goes on whether anybody waits or not.
 */
final class Waiting {
  /** Between two drawings of the elapsed time. */
  private static final Duration TICK = Duration.ofSeconds(1);

  private static final Duration LONGEST = Duration.ofSeconds(30);

  private final Vmctl vmctl;
  private final Terminal terminal;
  private final Surroundings surroundings;
  private final Map<VmName, Goal> open;
  private final Map<VmName, Long> provisionLogs;
  private final Map<VmName, ProvisionOutput> outputs = new HashMap<>();
  private final Map<VmName, VmStatus> latest = new HashMap<>();
  private final List<Unreached> unreached = new ArrayList<>();

  /** A VM that is not where it was wanted, and why. */
  record Unreached(VmName vm, VmStatus.Failure why) {}

  /**
   * @param goals what to wait for, of each VM
   * @param provisionLogs where the provision logs to show ended before the command
   */
  Waiting(Vmctl vmctl, Session session, Map<VmName, Goal> goals, Map<VmName, Long> provisionLogs) {
    this.vmctl = vmctl;
    this.terminal = session.terminal();
    this.surroundings = session.surroundings();
    this.open = new TreeMap<>(goals);
    this.provisionLogs = Map.copyOf(provisionLogs);
  }

  /** Returns the VMs that did not get there within {@code timeout}; empty when all did. */
  List<Unreached> run(Duration timeout) {
    long deadline = surroundings.nanoTime().getAsLong() + timeout.toNanos();
    Set<VmName> names = Set.copyOf(open.keySet());
    try (Progress progress = progress();
        Watch watch = vmctl.watch(names);
        Interruption ignored = Interruption.saying(terminal, interrupted())) {
      while (!open.isEmpty()) {
        long left = deadline - surroundings.nanoTime().getAsLong();
        if (left <= 0) {
          giveUp(timeout, progress);
          break;
        }
        Changes changes = watch.next(shorter(Duration.ofNanos(left)));
        if (changes.whole()) {
          absent(changes).forEach(name -> gone(name, progress));
        }
        changes.vms().forEach(vm -> look(vm, progress));
        changes.gone().forEach(name -> gone(new VmName(name), progress));
        progress.tick();
      }
    } finally {
      outputs.values().forEach(ProvisionOutput::close);
    }
    return List.copyOf(unreached);
  }

  /** Those that an answer which has all there are does not have. */
  private Set<VmName> absent(Changes first) {
    Set<VmName> absent = new TreeSet<>(open.keySet());
    first.vms().forEach(vm -> absent.remove(new VmName(vm.summary().name())));
    return absent;
  }

  private void look(VmStatus vm, Progress progress) {
    VmName name = new VmName(vm.summary().name());
    Goal goal = open.get(name);
    if (goal == null) {
      return;
    }
    latest.put(name, vm);
    followOutput(name, vm, progress);
    if (!vm.settled()) {
      progress.phase(name.value(), phase(vm));
    } else if (goal.isReached(vm)) {
      endOutput(name, false);
      open.remove(name);
      progress.end(name.value(), goal.text(), true);
    } else {
      fail(name, why(vm, goal), progress);
    }
  }

  private void gone(VmName name, Progress progress) {
    Goal goal = open.get(name);
    if (goal == Goal.GONE) {
      open.remove(name);
      progress.end(name.value(), goal.text(), true);
    } else if (goal != null) {
      fail(
          name,
          new VmStatus.Failure("vm.not_found", name + " was removed meanwhile", ""),
          progress);
    }
  }

  private void fail(VmName name, VmStatus.Failure why, Progress progress) {
    endOutput(name, why.code().startsWith("provision."));
    open.remove(name);
    unreached.add(new Unreached(name, why));
    progress.end(name.value(), "failed: " + why.message(), false);
  }

  private void giveUp(Duration timeout, Progress progress) {
    for (Map.Entry<VmName, Goal> each : Map.copyOf(open).entrySet()) {
      VmStatus vm = latest.get(each.getKey());
      String last = vm == null ? "nothing was heard of it" : "the latest was: " + phase(vm);
      String message =
          "not " + each.getValue().text() + " after " + DurationText.of(timeout) + "; " + last;
      fail(
          each.getKey(),
          new VmStatus.Failure(
              "timeout",
              message,
              "only the waiting has ended; see 'vmctl status " + each.getKey() + "'"),
          progress);
    }
  }

  private void followOutput(VmName name, VmStatus vm, Progress progress) {
    Long from = provisionLogs.get(name);
    if (from != null && vm.provision().total() > 0) {
      outputs.computeIfAbsent(name, each -> ProvisionOutput.follow(vmctl, each, from, progress));
    }
  }

  private void endOutput(VmName name, boolean withTail) {
    ProvisionOutput output = outputs.remove(name);
    if (output == null) {
      return;
    }
    if (withTail) {
      output.closeWithTail();
    } else {
      output.close();
    }
  }

  private static VmStatus.Failure why(VmStatus vm, Goal goal) {
    VmStatus.Failure failure = vm.failure();
    if (failure != null) {
      return failure;
    }
    String reason =
        vm.conditions().stream()
            .filter(each -> each.type().equals("Ready") && !each.message().isEmpty())
            .map(each -> ", " + each.message())
            .findFirst()
            .orElse("");
    return new VmStatus.Failure(
        "vm.invalid_state",
        "it is " + vm.summary().state() + " and not " + goal.text() + reason,
        "see 'vmctl status "
            + vm.summary().name()
            + "' and 'vmctl events --vm "
            + vm.summary().name()
            + "'");
  }

  private static String phase(VmStatus vm) {
    VmStatus.Failure failure = vm.failure();
    String now = vm.activity().isEmpty() ? vm.summary().state() : vm.activity();
    return failure == null ? now : now + " after: " + failure.message();
  }

  private Duration shorter(Duration left) {
    Duration most = terminal.errIsTerminal() ? TICK : LONGEST;
    return left.compareTo(most) < 0 ? left : most;
  }

  private Progress progress() {
    return Progress.on(terminal, surroundings);
  }

  private String interrupted() {
    return "interrupted: only the waiting has ended, no VM was stopped"
        + (vmctl.info().daemon()
            ? "; the daemon goes on"
            : "; nothing goes on without a daemon: the same command takes it up again");
  }
}
