package dev.vmctl.controller;

import static dev.vmctl.controller.Simulation.vm;
import static dev.vmctl.controller.Simulation.withSteps;
import static org.assertj.core.api.Assertions.assertThat;

import dev.vmctl.api.CloneRequest;
import dev.vmctl.api.SnapshotRequest;
import dev.vmctl.api.SnapshotView;
import dev.vmctl.disk.Disks;
import dev.vmctl.model.DiskSpec;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmFields;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Moments of VMs that are kept and gone back to. */
class SnapshotTest extends SnapshotFixture {
  @Test
  void aRunningGuestIsKeptWithItsMemoryAndGoesBackToIt() {
    work("before");
    long pid = simulation.process("web").facts.pid();
    take("warm", false);
    assertThat(simulation.process("web").facts.pid()).as("it runs on").isEqualTo(pid);
    assertThat(simulation.vmctl.snapshots(WEB).snapshots())
        .singleElement()
        .matches(each -> each.memoryBytes() > 0 && !each.automatic());
    work("after");
    stop();

    restore("warm", false, false);

    assertThat(simulation.process("web").memory).isEqualTo("before");
    assertThat(simulation.process("web").frozen).isFalse();
    assertThat(written()).containsExactly("before");
    assertThat(simulation.isReady("web")).isTrue();
    assertThat(names()).hasSize(2).contains("warm");
    assertNothingToDo();
    work("again");
    assertThat(simulation.record("web").saved()).isEmpty();
  }

  @Test
  void whatWasIsKeptWhenThePastTakesItsPlace() {
    work("before");
    take("clean", true);
    work("after");
    stop();
    restore("clean", false, false);
    assertThat(written()).containsExactly("before");
    assertThat(simulation.isUp("web")).as("without memory it stays held").isFalse();

    String aside = names().stream().filter(name -> name.startsWith("before-")).findFirst().get();
    restore(aside, false, true);
    assertThat(written()).containsExactly("before", "after");
    assertThat(simulation.isReady("web")).isTrue();
    assertThat(simulation.process("web").memory).isEqualTo("booted");
    assertNothingToDo();
  }

  @Test
  void aStoppedVmIsKeptToo() {
    work("before");
    stop();
    take("cold", false);
    simulation.vmctl.start(WEB);
    pass();
    work("after");
    assertThat(simulation.vmctl.snapshots(WEB).snapshots().getFirst().memoryBytes()).isZero();
    simulation.vmctl.deleteSnapshot(WEB, "cold");
    pass();
    assertThat(names()).isEmpty();
    assertThat(written()).containsExactly("before", "after");
    assertThat(simulation.events()).contains("SnapshotTaken", "SnapshotDeleted");
  }

  @Test
  void aGuestWhoseAgentAnswersIsKeptFromWritingMeanwhile() {
    simulation.engine.resync();
    simulation.timeline.pass(Duration.ofMinutes(2));
    boolean[] quiet = {false};
    simulation.world.fault =
        call -> quiet[0] |= call.equals("snapshot") && simulation.world.guests.quiet == 1;
    take("clean", true);
    assertThat(quiet[0]).isTrue();
    assertThat(simulation.world.guests.quiet).as("it may write again").isZero();

    simulation.world.hypervisor.noSnapshot =
        new VmException(ErrorCode.DISK_FULL, "no room", "make some");
    take("other", true);
    assertThat(simulation.world.guests.quiet).as("also when that has failed").isZero();
  }

  @Test
  void allDisksAreOfOneMomentAndADiskThatWasReplacedSinceIsToldOf() {
    DiskSpec data = new DiskSpec("data", 1L << 20, null, null);
    simulation.declare(vm("web", values -> values.put(VmFields.DISKS, List.of(data))));
    pass();
    simulation.untilReady("web");
    take("both", true);
    stop();
    Path file = Disks.data(directory.resolve("vms/web"), "data");
    assertThat(Objects.requireNonNull(simulation.world.disks.files.get(file)).moments)
        .containsKey("vmctl-both");
    simulation.world.disks.files.put(file, new FakeDisk());
    assertRefused(() -> restore("both", false, false), ErrorCode.DISK_MISSING);
    assertThat(names()).containsExactly("both");
  }

  @Test
  void stepsThatHaveRunSinceRunAgainOnWhatWasBefore() {
    take("bare", true);
    simulation.declare(withSteps("web", "true"));
    pass();
    simulation.untilReady("web");
    assertThat(simulation.world.guests.provisionings).isEqualTo(1);
    stop();
    restore("bare", false, true);
    simulation.untilReady("web");
    assertThat(simulation.world.guests.provisionings).isEqualTo(2);
    assertNothingToDo();
  }

  @Test
  void snapshotsGoWithTheirDiskToTheTrashAndComeBackWithIt() {
    work("before");
    take("clean", true);
    simulation.vmctl.reload(WEB, true);
    pass();
    simulation.untilReady("web");
    assertThat(names()).isEmpty();
    assertRefused(() -> simulation.vmctl.deleteSnapshot(WEB, "clean"), ErrorCode.SNAPSHOT_UNKNOWN);
    stop();
    simulation.vmctl.restore(simulation.world.disks.trash.getFirst().id());
    pass();
    assertThat(names()).containsExactly("clean");
    restore("clean", false, true);
    assertThat(written()).containsExactly("before");
  }

  @Test
  void aCrashOfTheEngineAtAnyCallLosesNoMoment() {
    for (String cut :
        List.of(
            "snapshot",
            "snapshot taken",
            "takeSnapshot",
            "revert",
            "reverted",
            "start",
            "started",
            "deleteLive",
            "deleteSnapshot",
            "copy")) {
      Simulation each = new Simulation(directory.resolve(cut), 7);
      each.declare(vm("web"));
      each.untilReady("web");
      each.world.work(each.record("web").uuid(), "before");
      each.world.killEngineAt(cut);
      story(each);
      assertThat(each.world.killed).as(cut).isTrue();
      assertThat(each.world.violations).as(cut).isEmpty();
      assertThat(each.process("web").memory).as(cut).isEqualTo("before");
      assertThat(each.vmctl.snapshots(WEB).snapshots())
          .as(cut)
          .extracting(SnapshotView::name)
          .anyMatch("warm"::equals)
          .noneMatch("gone"::equals)
          .noneMatch(name -> name.startsWith("clone"));
      assertThat(each.world.disks.files).as(cut).hasSize(2);
    }
  }

  /** Take, go back, delete, clone; whoever dies on the way is followed by another. */
  private static void story(Simulation each) {
    survive(each, () -> each.vmctl.takeSnapshot(WEB, new SnapshotRequest("warm", false, false)));
    survive(each, () -> each.vmctl.takeSnapshot(WEB, new SnapshotRequest("gone", true, false)));
    each.world.work(each.record("web").uuid(), "after");
    survive(each, () -> each.vmctl.stop(WEB, GRACE));
    survive(each, () -> each.vmctl.deleteSnapshot(WEB, "gone"));
    survive(each, () -> each.vmctl.restoreSnapshot(WEB, new SnapshotRequest("warm", false, false)));
    survive(each, () -> each.vmctl.cloneVm(WEB, new CloneRequest(COPY, null, true)));
    each.untilReady("web", "copy");
    survive(each, () -> each.engine.resync());
  }

  private static void survive(Simulation each, Runnable command) {
    try {
      command.run();
      each.timeline.pass(Duration.ofMinutes(1));
    } catch (FakeWorld.Killed killed) {
      each.restart();
      each.timeline.pass(Duration.ofMinutes(1));
    }
  }
}
