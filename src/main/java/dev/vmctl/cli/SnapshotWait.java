package dev.vmctl.cli;

import dev.vmctl.api.Changes;
import dev.vmctl.api.SnapshotsView;
import dev.vmctl.api.Vmctl;
import dev.vmctl.model.VmName;
import java.time.Duration;
import java.util.Map;
import java.util.Set;

/** Waits until what was asked for with a snapshot is done, or has failed. */
final class SnapshotWait {
  private static final Duration LONGEST = Duration.ofSeconds(30);

  private final Session session;
  private final Vmctl vmctl;
  private final VmName name;
  private final WaitOptions options;

  /**
   * @throws dev.vmctl.model.VmException USAGE when nobody would carry out what is not waited for
   */
  SnapshotWait(Session session, Vmctl vmctl, VmName name, WaitOptions options) {
    this.session = session;
    this.vmctl = vmctl;
    this.name = name;
    this.options = options;
    new Errand(session, vmctl, Map.of(name, Goal.RUNNING)).waiting(options);
  }

  /**
   * @param doing what is being done, in words
   * @param done what it is then
   * @return the exit code
   */
  int run(String doing, String done) {
    if (options.detach) {
      return ExitCode.DONE;
    }
    Terminal terminal = session.terminal();
    terminal.say(name + ": " + doing);
    SnapshotsView view = await(terminal);
    if (view.failure() != null) {
      new ErrorText(terminal)
          .print(
              view.failure().code(), name + ": " + view.failure().message(), view.failure().help());
      return ExitCode.FAILED;
    }
    if (view.busy() != null) {
      new ErrorText(terminal)
          .print(
              "timeout",
              name + ": still " + view.busy() + " after " + DurationText.of(options.timeout),
              "only the waiting has ended; see 'vmctl snapshot list " + name + "'");
      return ExitCode.FAILED;
    }
    terminal.say(name + ": " + done);
    return ExitCode.DONE;
  }

  private SnapshotsView await(Terminal terminal) {
    long end = session.surroundings().nanoTime().getAsLong() + options.timeout.toNanos();
    long version = 0;
    try (Interruption ignored =
        Interruption.saying(terminal, "interrupted: only the waiting has ended")) {
      while (true) {
        long left = end - session.surroundings().nanoTime().getAsLong();
        Duration wait = Duration.ofNanos(Math.max(0, left));
        Changes changes =
            vmctl.changes(Set.of(name), version, wait.compareTo(LONGEST) < 0 ? wait : LONGEST);
        version = changes.version();
        SnapshotsView view = vmctl.snapshots(name);
        if (view.busy() == null || left <= 0) {
          return view;
        }
      }
    }
  }
}
