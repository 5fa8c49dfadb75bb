package dev.vmctl.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmctl.model.Change;
import dev.vmctl.model.FieldValues;
import dev.vmctl.model.VmFields;
import dev.vmctl.model.VmName;
import dev.vmctl.model.VmSpec;
import dev.vmctl.plan.Situation.Power;
import dev.vmctl.plan.Situation.Seen;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class PlannerTest {
  private static final UUID DISK = new UUID(1, 1);
  private static final UUID OTHER = new UUID(2, 2);

  private static VmSpec spec(long memory, String image) {
    FieldValues values = new FieldValues();
    values.put(VmFields.MEMORY, memory);
    values.put(VmFields.IMAGE, Path.of(image));
    return VmSpec.of(new VmName("web"), values);
  }

  private static final VmSpec BASE = spec(512, "/base");

  private static List<String> names(Plan plan) {
    return plan.actions().stream().map(action -> action.getClass().getSimpleName()).toList();
  }

  private static Situation running(VmSpec desired, boolean settled) {
    boolean current = desired.equals(BASE);
    return SituationDraft.of(desired, DISK)
        .applied(BASE, DISK)
        .current(current)
        .seen(Seen.RUNNING)
        .settled(settled)
        .ready(true)
        .make();
  }

  @Test
  void aVmThatIsAsDeclaredNeedsNothing() {
    Plan plan = Planner.plan(running(BASE, true));
    assertThat(plan.actions()).isEmpty();
    assertThat(plan.summary()).isEqualTo("none");
  }

  @Test
  void aNewVmIsCreatedStartedAwaitedAndProvisioned() {
    Plan plan = Planner.plan(SituationDraft.of(BASE, DISK).provisionNeeded(true).make());
    assertThat(names(plan)).containsExactly("Create", "Start", "AwaitReady", "Provision");
    assertThat(plan.summary()).isEqualTo("create");
  }

  @Test
  void moreMemoryIsARestartOnTheSameDisk() {
    Plan plan = Planner.plan(running(spec(1024, "/base"), true));
    assertThat(names(plan)).containsExactly("Stop", "Prepare", "Start", "AwaitReady");
    assertThat(plan.summary()).isEqualTo("restart");
    assertThat(plan.changes())
        .singleElement()
        .satisfies(
            change -> {
              assertThat(change.field()).isEqualTo(VmFields.MEMORY);
              assertThat(change.from()).isEqualTo("512");
              assertThat(change.to()).isEqualTo("1024");
              assertThat(change.change()).isEqualTo(Change.RESTART);
            });
  }

  @Test
  void anotherImageIsAReplacementAndTheOldDiskGoesToTheTrashFirst() {
    Plan plan = Planner.plan(running(spec(512, "/other"), true));
    assertThat(names(plan)).containsExactly("Stop", "TrashDisk", "Create", "Start");
    assertThat(plan.summary()).isEqualTo("replace");
  }

  @Test
  void disruptiveChangesWaitUntilTheSourceHasSettled() {
    assertThat(Planner.plan(running(spec(1024, "/base"), false)).actions()).isEmpty();
    assertThat(Planner.plan(running(spec(512, "/other"), false)).waiting())
        .isEqualTo(Planner.SETTLING);
  }

  @Test
  void aGuestThatHasEndedByItsOwnWillIsClearedAwayAndLeftAlone() {
    Plan plan =
        Planner.plan(
            SituationDraft.of(BASE, DISK)
                .applied(BASE, DISK)
                .current(true)
                .seen(Seen.EXITED)
                .mayStart(false)
                .make());
    assertThat(names(plan)).containsExactly("Reap");
  }

  @Test
  void aHeldVmIsStoppedAndItsEditsWait() {
    Plan plan =
        Planner.plan(
            SituationDraft.of(spec(1024, "/base"), DISK)
                .applied(BASE, DISK)
                .power(Power.STOPPED)
                .provisionNeeded(true)
                .make());
    assertThat(plan.actions()).isEmpty();
    assertThat(plan.changes()).hasSize(1);
  }

  @Test
  void aNewDiskIdIsAReplacementThoughNothingElseChanged() {
    Plan plan =
        Planner.plan(
            SituationDraft.of(BASE, OTHER)
                .applied(BASE, DISK)
                .current(true)
                .seen(Seen.RUNNING)
                .ready(true)
                .make());
    assertThat(names(plan)).startsWith("Stop", "TrashDisk", "Create");
  }

  @Property(tries = 2000)
  void nothingButAStopThatWasAskedForIsPlannedForAVmWhoseHypervisorDoesNotAnswer(
      @ForAll("situations") Situation now) {
    Situation silent = SituationDraft.like(now).seen(Seen.UNKNOWN).make();
    List<String> names = names(Planner.plan(silent));
    if (now.removal() || now.power() == Power.STOPPED) {
      assertThat(names).isSubsetOf("Stop");
    } else {
      assertThat(names).isEmpty();
    }
  }

  @Property(tries = 2000)
  void aRunningGuestIsStoppedBeforeAnythingTouchesItsDisk(@ForAll("situations") Situation now) {
    boolean up = now.seen() != Seen.ABSENT;
    for (Action action : Planner.plan(now).actions()) {
      if (action instanceof Action.Stop || action instanceof Action.Reap) {
        up = false;
      }
      boolean touchesDisk =
          action instanceof Action.TrashDisk
              || action instanceof Action.Create
              || action instanceof Action.Prepare
              || action instanceof Action.Destroy
              || action instanceof Action.Start;
      assertThat(touchesDisk && up).as("%s in %s", action, now).isFalse();
      if (action instanceof Action.Start) {
        up = true;
      }
    }
  }

  @Property(tries = 2000)
  void onlyARemovalDestroysAndOnlyAReplacementTrashes(@ForAll("situations") Situation now) {
    Plan plan = Planner.plan(now);
    if (plan.actions().stream().anyMatch(Action.Destroy.class::isInstance)) {
      assertThat(now.removal()).isTrue();
    }
    if (plan.actions().stream().anyMatch(Action.TrashDisk.class::isInstance)) {
      boolean otherImage = plan.hardest() == Change.REPLACE;
      boolean otherDisk = !now.desiredDisk().equals(now.appliedDisk());
      assertThat(otherImage || otherDisk).isTrue();
      assertThat(now.settled()).isTrue();
    }
  }

  @Property(tries = 2000)
  void carryingOutAPlanLeavesNothingToPlan(@ForAll("situations") Situation start) {
    Situation now = start;
    List<String> taken = new ArrayList<>();
    for (int step = 0; step < 20; step++) {
      Plan plan = Planner.plan(now);
      if (plan.next().isEmpty()) {
        return;
      }
      Action next = plan.next().get();
      taken.add(next.getClass().getSimpleName());
      if (next instanceof Action.Destroy) {
        return;
      }
      now = after(now, next);
    }
    throw new AssertionError("no end: " + taken + " from " + start);
  }

  /** What a perfect world makes of an action. */
  private static Situation after(Situation now, Action action) {
    boolean applies =
        action instanceof Action.Create
            || action instanceof Action.Prepare
            || action instanceof Action.Accept
            || action instanceof Action.Adjust;
    boolean trashes = action instanceof Action.TrashDisk;
    UUID disk =
        trashes && now.desiredDisk().equals(now.appliedDisk()) ? new UUID(9, 9) : now.desiredDisk();
    Seen seen =
        switch (action) {
          case Action.Start start -> now.saved() ? Seen.SUSPENDED : Seen.RUNNING;
          case Action.Save save -> Seen.ABSENT;
          case Action.Snapshot snapshot -> now.seen();
          case Action.Resume resume -> Seen.RUNNING;
          case Action.Suspend suspend -> Seen.SUSPENDED;
          case Action.Stop stop -> Seen.ABSENT;
          case Action.Reap reap -> Seen.ABSENT;
          case Action.Create create -> now.seen();
          case Action.TrashDisk trash -> now.seen();
          case Action.Prepare prepare -> now.seen();
          case Action.Accept accept -> now.seen();
          case Action.Adjust adjust -> now.seen();
          case Action.AwaitReady ready -> now.seen();
          case Action.Provision provision -> now.seen();
          case Action.Destroy destroy -> now.seen();
        };
    return SituationDraft.like(now)
        .disk(disk)
        .applied(
            trashes ? null : applies ? now.desired() : now.applied(),
            trashes ? null : action instanceof Action.Create ? disk : now.appliedDisk())
        .current(trashes ? false : applies || now.current())
        .seen(seen)
        .ready(
            action instanceof Action.AwaitReady
                || (now.ready() && seen == Seen.RUNNING && !(action instanceof Action.Start)))
        .provisionNeeded(now.provisionNeeded() && !(action instanceof Action.Provision))
        .saved(action instanceof Action.Save || (now.saved() && !(action instanceof Action.Start)))
        .task(action instanceof Action.Snapshot ? "" : now.task())
        .make();
  }

  @Provide
  Arbitrary<Situation> situations() {
    Arbitrary<VmSpec> specs =
        Combinators.combine(Arbitraries.of(256L, 512L), Arbitraries.of("/base", "/other"))
            .as(PlannerTest::spec);
    Arbitrary<boolean[]> flags = Arbitraries.of(true, false).array(boolean[].class).ofSize(8);
    return Combinators.combine(
            specs,
            specs,
            Arbitraries.of(DISK, OTHER),
            Arbitraries.of(Seen.values()),
            Arbitraries.of(Power.values()),
            flags,
            Arbitraries.of(true, false))
        .as(PlannerTest::situation);
  }

  private static Situation situation(
      VmSpec desired,
      VmSpec applied,
      UUID disk,
      Seen seen,
      Power power,
      boolean[] flags,
      boolean made) {
    boolean exists = made || seen != Seen.ABSENT;
    return SituationDraft.of(desired, disk)
        .applied(exists ? applied : null, exists ? DISK : null)
        .current(exists && desired.equals(applied) && flags[5])
        .seen(seen)
        .power(power)
        .removal(flags[0])
        .settled(flags[1])
        .mayStart(flags[2])
        .ready(flags[3] && seen == Seen.RUNNING)
        .provisionNeeded(flags[4])
        .saved(exists && seen == Seen.ABSENT && flags[6])
        .task(exists && flags[7] ? "taking a snapshot" : "")
        .make();
  }

  @Property(tries = 500)
  void aGuestWhoseMemoryIsOnDiskGoesOnBeforeAnythingElseIsDoneToIt(
      @ForAll("situations") Situation any) {
    Situation now = made(any, Seen.ABSENT, true, "");
    assertThat(Planner.plan(now).next()).containsInstanceOf(Action.Start.class);
  }

  @Property(tries = 500)
  void aSnapshotIsSeenToFirst(@ForAll("situations") Situation any, @ForAll boolean up) {
    Situation now = made(any, up ? Seen.RUNNING : Seen.ABSENT, false, "taking a snapshot");
    assertThat(Planner.plan(now).next()).containsInstanceOf(Action.Snapshot.class);
  }

  /** The same VM with a disk, wanted to run. */
  private static Situation made(Situation any, Seen seen, boolean saved, String task) {
    return SituationDraft.like(any)
        .applied(any.desired(), DISK)
        .seen(seen)
        .power(Power.RUNNING)
        .removal(false)
        .ready(false)
        .saved(saved)
        .task(task)
        .make();
  }
}
