package dev.vmctl.plan;

import dev.vmctl.model.Change;
import dev.vmctl.model.VmSpec;
import dev.vmctl.plan.Situation.Power;
import dev.vmctl.plan.Situation.Seen;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Plans. */
public final class Planner {
  /** Why nothing is done while the hypervisor does not answer. */
  public static final String NOT_ANSWERING = "the hypervisor does not answer";

  /** Why a disruptive change is not made yet. */
  public static final String SETTLING = "waiting for the source to settle";

  private Planner() {}

  /** What follows from this situation. */
  public static Plan plan(Situation now) {
    List<FieldChange> changes = changes(now);
    if (now.seen() == Seen.UNKNOWN) {
      return silent(now, changes);
    }
    if (now.removal()) {
      return new Plan(
          stopThen(now, "to be removed", new Action.Destroy("to be removed")), changes, "");
    }
    if (!now.task().isEmpty() && now.seen() != Seen.EXITED) {
      return new Plan(List.of(new Action.Snapshot(now.task())), changes, "");
    }
    if (now.saved() && now.power() == Power.RUNNING && now.seen() == Seen.ABSENT) {
      return goOn(now, changes);
    }
    boolean newDisk = now.appliedDisk() != null && !now.appliedDisk().equals(now.desiredDisk());
    Change hardest = changes.stream().map(FieldChange::change).reduce(Change.NONE, Change::and);
    // Who holds a VM keeps its disk too: an edit is applied at the next start.
    if (now.power() == Power.RUNNING && (newDisk || hardest == Change.REPLACE)) {
      return replace(now, changes, newDisk);
    }
    return switch (now.power()) {
      case STOPPED -> stopped(now, changes);
      case RUNNING -> running(now, changes, hardest);
      case SUSPENDED -> suspended(now, changes);
      case SUSPENDED_TO_DISK -> suspendedToDisk(now, changes);
    };
  }

  /**
   * It runs, but for its being on disk: what was edited meanwhile is done to it afterwards, as to
   * any that runs.
   */
  private static Plan goOn(Situation now, List<FieldChange> changes) {
    List<Action> actions = new ArrayList<>();
    actions.add(new Action.Start("to go on from its memory on disk"));
    guest(now, actions, false);
    return new Plan(actions, changes, "");
  }

  /**
   * Nothing follows from silence, and nothing is done about it; but who asks for a VM to be stopped
   * or removed is obeyed: a stop ends a hypervisor that has hung, after its deadlines.
   */
  private static Plan silent(Situation now, List<FieldChange> changes) {
    boolean toEnd = now.removal() || now.power() == Power.STOPPED;
    return toEnd && now.appliedDisk() != null
        ? new Plan(List.of(new Action.Stop("asked for, though " + NOT_ANSWERING)), changes, "")
        : new Plan(List.of(), changes, NOT_ANSWERING);
  }

  private static List<FieldChange> changes(Situation now) {
    VmSpec applied = now.applied();
    return applied == null ? List.of() : Differences.between(applied, now.desired(), now.can());
  }

  private static Plan replace(Situation now, List<FieldChange> changes, boolean newDisk) {
    if (!now.settled()) {
      return new Plan(List.of(), changes, SETTLING);
    }
    String reason = newDisk ? "a new disk was asked for" : describe(changes, Change.REPLACE);
    List<Action> actions = stopThen(now, reason, new Action.TrashDisk(reason));
    actions.add(new Action.Create(reason));
    actions.add(new Action.Start(reason));
    return new Plan(actions, changes, "");
  }

  private static Plan stopped(Situation now, List<FieldChange> changes) {
    return new Plan(
        switch (now.seen()) {
          case RUNNING, SUSPENDED -> List.of(new Action.Stop("held stopped"));
          case EXITED -> List.of(new Action.Reap("held stopped"));
          case ABSENT ->
              now.appliedDisk() == null ? List.of(new Action.Create("declared")) : List.of();
          case UNKNOWN -> List.of();
        },
        changes,
        "");
  }

  private static Plan suspended(Situation now, List<FieldChange> changes) {
    return new Plan(
        switch (now.seen()) {
          case RUNNING -> List.of(new Action.Suspend("held suspended"));
          case EXITED -> List.of(new Action.Reap("its guest has ended"));
          case SUSPENDED, ABSENT, UNKNOWN -> List.of();
        },
        changes,
        "");
  }

  private static Plan suspendedToDisk(Situation now, List<FieldChange> changes) {
    String reason = "held suspended to disk";
    return new Plan(
        switch (now.seen()) {
          case RUNNING -> List.of(new Action.Suspend(reason), new Action.Save(reason));
          case SUSPENDED -> List.of(new Action.Save(reason));
          case EXITED -> List.of(new Action.Reap("its guest has ended"));
          case ABSENT, UNKNOWN -> List.of();
        },
        changes,
        "");
  }

  private static Plan running(Situation now, List<FieldChange> changes, Change hardest) {
    return switch (now.seen()) {
      case ABSENT -> absent(now, changes);
      case EXITED -> ended(now, changes);
      case SUSPENDED -> new Plan(List.of(new Action.Resume("not held any more")), changes, "");
      case RUNNING -> live(now, changes, hardest);
      case UNKNOWN -> new Plan(List.of(), changes, NOT_ANSWERING);
    };
  }

  private static Plan absent(Situation now, List<FieldChange> changes) {
    List<Action> actions = new ArrayList<>();
    if (now.appliedDisk() == null) {
      actions.add(new Action.Create("declared"));
      actions.add(new Action.Start("declared"));
    } else if (now.mayStart()) {
      // A change that had waited for somebody to ask for it is of a generation that was applied.
      if (!now.current() || !changes.isEmpty()) {
        actions.add(new Action.Prepare(describe(changes, Change.NONE)));
      }
      actions.add(new Action.Start("declared, and not running"));
    } else {
      return new Plan(List.of(), changes, "");
    }
    guest(now, actions, false);
    return new Plan(actions, changes, "");
  }

  private static Plan ended(Situation now, List<FieldChange> changes) {
    List<Action> actions = new ArrayList<>();
    actions.add(new Action.Reap("its guest has ended"));
    if (now.mayStart()) {
      actions.add(new Action.Start("declared, and not running"));
      guest(now, actions, false);
    }
    return new Plan(actions, changes, "");
  }

  private static Plan live(Situation now, List<FieldChange> changes, Change hardest) {
    List<Action> actions = new ArrayList<>();
    if (Differences.isDisruptive(hardest)) {
      if (!now.settled()) {
        return new Plan(List.of(), changes, SETTLING);
      }
      String reason = describe(changes, Change.RESTART);
      actions.add(new Action.Stop(reason));
      actions.add(new Action.Prepare(reason));
      actions.add(new Action.Start(reason));
      guest(now, actions, false);
      return new Plan(actions, changes, "");
    }
    if (changes.stream().anyMatch(FieldChange::isMadeLive)) {
      boolean waits = !now.ready() && changes.stream().anyMatch(FieldChange::waitsForGuest);
      if (waits && now.can().reached()) {
        actions.add(new Action.AwaitReady("its guest has a part in the change"));
      }
      actions.add(new Action.Adjust(describe(changes, Change.LIVE)));
    } else if (!now.current()) {
      actions.add(new Action.Accept(describe(changes, Change.NONE)));
    }
    guest(now, actions, now.ready());
    return new Plan(actions, changes, "");
  }

  /** What the guest needs once it runs. */
  private static void guest(Situation now, List<Action> actions, boolean ready) {
    if (!ready) {
      actions.add(new Action.AwaitReady("started"));
    }
    if (now.provisionNeeded()) {
      actions.add(new Action.Provision("its steps have not run on this disk"));
    }
  }

  private static List<Action> stopThen(Situation now, String reason, Action then) {
    List<Action> actions = new ArrayList<>();
    switch (now.seen()) {
      case RUNNING, SUSPENDED -> actions.add(new Action.Stop(reason));
      case EXITED -> actions.add(new Action.Reap(reason));
      case ABSENT, UNKNOWN -> {}
    }
    if (!(then instanceof Action.TrashDisk) || now.appliedDisk() != null) {
      actions.add(then);
    }
    return actions;
  }

  private static String describe(List<FieldChange> changes, Change atLeast) {
    if (changes.isEmpty()) {
      return "declared files changed";
    }
    return changes.stream()
        .filter(change -> change.change().compareTo(atLeast) >= 0)
        .map(change -> change.field().path())
        .collect(Collectors.joining(", ", "", " changed"));
  }
}
