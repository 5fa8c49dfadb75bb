package dev.vmctl.controller;

import static dev.vmctl.controller.Simulation.vm;
import static dev.vmctl.controller.Simulation.withSteps;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmctl.api.CloneRequest;
import dev.vmctl.api.CloneView;
import dev.vmctl.api.PlanView;
import dev.vmctl.api.SnapshotRequest;
import dev.vmctl.api.SnapshotView;
import dev.vmctl.api.SnapshotsView;
import dev.vmctl.api.VmStatus;
import dev.vmctl.disk.Disks;
import dev.vmctl.faults.Area;
import dev.vmctl.faults.Fault;
import dev.vmctl.faults.Seen;
import dev.vmctl.model.DiskSpec;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.ForwardSpec;
import dev.vmctl.model.ShareFacts;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmFields;
import dev.vmctl.model.VmName;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Moments of VMs that are kept, gone back to, and made VMs of. */
class SnapshotTest {
  private static final VmName WEB = new VmName("web");
  private static final VmName COPY = new VmName("copy");
  private static final Duration GRACE = Duration.ofSeconds(5);
  @TempDir Path directory;
  private Simulation simulation;

  @BeforeEach
  void start() {
    simulation = new Simulation(directory, 21);
    simulation.declare(vm("web"));
    simulation.untilReady("web");
  }

  @AfterEach
  void nothingForbiddenHappened() {
    assertThat(simulation.world.violations).isEmpty();
  }

  private void pass() {
    simulation.timeline.pass(Duration.ofSeconds(30));
  }

  private void work(String what) {
    simulation.world.work(simulation.record("web").uuid(), what);
  }

  private List<String> written() {
    return Objects.requireNonNull(
            simulation.world.disks.files.get(directory.resolve("vms/web").resolve(Disks.OVERLAY)))
        .written;
  }

  private void take(String name, boolean diskOnly) {
    simulation.vmctl.takeSnapshot(WEB, new SnapshotRequest(name, diskOnly, false));
    pass();
  }

  private void restore(String name, boolean diskOnly, boolean start) {
    simulation.vmctl.restoreSnapshot(WEB, new SnapshotRequest(name, diskOnly, start));
    pass();
  }

  private void stop() {
    simulation.vmctl.stop(WEB, GRACE);
    pass();
  }

  private List<String> names() {
    return simulation.vmctl.snapshots(WEB).snapshots().stream().map(SnapshotView::name).toList();
  }

  private static void assertRefused(Runnable command, ErrorCode code) {
    assertThatThrownBy(command::run)
        .isInstanceOfSatisfying(
            VmException.class,
            no -> {
              assertThat(no.code()).isEqualTo(code);
              assertThat(no.help()).isNotEmpty();
            });
  }

  private void assertNothingToDo() {
    simulation.declare(simulation.declared.toArray(dev.vmctl.model.Declaration[]::new));
    pass();
    PlanView plan =
        simulation.vmctl.plan(
            new dev.vmctl.api.ApplyRequest(
                Simulation.DIRECTORY,
                simulation.declared,
                Set.of(),
                false,
                false,
                dev.vmctl.api.ApplyRequest.Provisioning.AS_NEEDED));
    assertThat(plan.vms()).allMatch(each -> each.action().equals("none"), "nothing to do");
  }

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
  void whoAskedLearnsWhyASnapshotHasFailedAndTheGuestMindsNothing() {
    simulation.world.hypervisor.noSnapshot =
        new VmException(ErrorCode.DISK_FULL, "no room", "make some");
    take("warm", false);
    SnapshotsView view = simulation.vmctl.snapshots(WEB);
    assertThat(view.busy()).isNull();
    assertThat(Objects.requireNonNull(view.failure()).code()).isEqualTo("disk.full");
    assertThat(simulation.isReady("web")).isTrue();
    assertThat(simulation.status("web").failure()).isNull();
    simulation.world.hypervisor.noSnapshot = null;
    simulation.timeline.pass(Duration.ofMinutes(5));
    assertThat(names()).as("it is not tried again by itself").isEmpty();
    take("warm", false);
    assertThat(names()).containsExactly("warm");
    assertThat(simulation.vmctl.snapshots(WEB).failure()).isNull();
  }

  @Test
  void whatCannotBeDoneIsRefusedBeforeAnythingIsTouched() {
    take("warm", false);
    assertRefused(() -> take("warm", false), ErrorCode.SNAPSHOT_TAKEN);
    assertRefused(() -> take("../x", false), ErrorCode.USAGE);
    assertRefused(() -> restore("warm", false, false), ErrorCode.VM_INVALID_STATE);
    assertRefused(() -> restore("cold", false, false), ErrorCode.SNAPSHOT_UNKNOWN);
    assertRefused(() -> simulation.vmctl.deleteSnapshot(WEB, "cold"), ErrorCode.SNAPSHOT_UNKNOWN);
    assertRefused(
        () -> simulation.vmctl.cloneVm(WEB, new CloneRequest(WEB, null, false)),
        ErrorCode.VM_NAME_TAKEN);
    assertRefused(
        () -> simulation.vmctl.cloneVm(WEB, new CloneRequest(COPY, "cold", false)),
        ErrorCode.SNAPSHOT_UNKNOWN);
    assertRefused(() -> simulation.vmctl.discardMemory(WEB), ErrorCode.VM_INVALID_STATE);
    assertThat(simulation.exists("copy")).isFalse();
    assertThat(simulation.isReady("web")).isTrue();
  }

  @Test
  @Fault(area = Area.DATA, value = "there is no room for the memory of a snapshot")
  void memoryThatThereIsNoRoomForIsRefusedBeforeTheGuestStandsStill(Seen seen) {
    simulation.world.freeDiskBytes = 100 << 20;
    assertThatThrownBy(() -> take("warm", false))
        .isInstanceOfSatisfying(
            VmException.class,
            no -> {
              assertThat(no.code()).isEqualTo(ErrorCode.DISK_FULL);
              seen.calling(directory, "<data>").failed(no);
            });
    assertRefused(() -> simulation.vmctl.suspendToDisk(WEB, false), ErrorCode.DISK_FULL);
    take("clean", true);
    assertThat(names()).containsExactly("clean");
  }

  @Test
  void aSecondWishIsRefusedWhileOneIsOpenAndTheSameIsJoined() {
    simulation.vmctl.takeSnapshot(WEB, new SnapshotRequest("one", false, false));
    simulation.vmctl.takeSnapshot(WEB, new SnapshotRequest("one", false, false));
    assertRefused(
        () -> simulation.vmctl.takeSnapshot(WEB, new SnapshotRequest("two", false, false)),
        ErrorCode.VM_INVALID_STATE);
    assertThat(simulation.vmctl.snapshots(WEB).busy()).contains("one");
    pass();
    assertThat(names()).containsExactly("one");
  }

  @Test
  @Fault(area = Area.DATA, value = "a snapshot's memory is of another machine than is declared")
  void memoryThatDoesNotFitWhatIsDeclaredIsRefusedAndARollbackMakesItFit(Seen seen) {
    work("before");
    take("warm", false);
    simulation.declare(vm("web", values -> values.put(VmFields.MEMORY, 2048L)));
    pass();
    simulation.untilReady("web");
    stop();
    assertThatThrownBy(() -> restore("warm", false, false))
        .hasMessageContaining("memory")
        .isInstanceOfSatisfying(
            VmException.class,
            no -> {
              assertThat(no.code()).isEqualTo(ErrorCode.SNAPSHOT_MISFIT);
              seen.failed(no);
            });

    simulation.vmctl.rollback(WEB, 1L);
    restore("warm", false, false);
    assertThat(simulation.process("web").memory).isEqualTo("before");
    assertThat(simulation.process("web").facts.memoryMb()).isEqualTo(1024);
    assertThat(simulation.isReady("web")).isTrue();
  }

  @Test
  void aDiskOfThenThatIsLargerThanDeclaredIsRefusedAndASmallerOneGrows() {
    simulation.declare(vm("web", values -> values.put(VmFields.DISK, 2L << 20)));
    pass();
    simulation.untilReady("web");
    take("two", true);
    stop();
    simulation.declare(vm("web", values -> values.put(VmFields.DISK, 4L << 20)));
    simulation.vmctl.start(WEB);
    pass();
    simulation.untilReady("web");
    take("four", true);
    stop();
    restore("two", false, false);
    assertThat(
            Objects.requireNonNull(
                    simulation.world.disks.files.get(
                        directory.resolve("vms/web").resolve(Disks.OVERLAY)))
                .size)
        .isEqualTo(4L << 20);
    simulation.declare(vm("web", values -> values.put(VmFields.DISK, 3L << 20)));
    pass();
    assertRefused(() -> restore("four", false, false), ErrorCode.DISK_SHRINK);
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
  @Fault(area = Area.DATA, value = "memory is to be kept, and a shared directory stands in the way")
  void aSharedDirectoryStandsInTheWayOfMemoryOnly(Seen seen) {
    simulation.store.change(
        WEB,
        record ->
            record.mapApplied(
                had ->
                    had.withFacts(
                        Objects.requireNonNull(had.facts())
                            .sharing(
                                List.of(
                                    new ShareFacts(
                                        "share0",
                                        Path.of("/srv"),
                                        "/srv",
                                        false,
                                        dev.vmctl.model.ShareSpec.Via.VIRTIOFS))))));
    assertThatThrownBy(() -> take("warm", false))
        .isInstanceOfSatisfying(
            VmException.class,
            no -> {
              assertThat(no.code()).isEqualTo(ErrorCode.CAPABILITY_MISSING);
              seen.failed(no);
            });
    assertRefused(() -> simulation.vmctl.suspendToDisk(WEB, false), ErrorCode.CAPABILITY_MISSING);
    take("clean", true);
    assertThat(names()).containsExactly("clean");
  }

  @Test
  void aCloneOfARunningGuestIsAVmOfItsOwn() {
    ForwardSpec forward = new ForwardSpec(ForwardSpec.Protocol.TCP, "127.0.0.1", 8080, 80);
    simulation.declare(
        withSteps("web", "true"),
        vm("other", values -> values.put(VmFields.FORWARD, List.of(forward))));
    simulation.untilReady("web", "other");
    work("before");

    CloneView view = simulation.vmctl.cloneVm(WEB, new CloneRequest(COPY, null, true));
    work("after");
    pass();
    simulation.untilReady("copy");

    assertThat(view.notes()).isEmpty();
    assertThat(simulation.record("copy").uuid()).isNotEqualTo(simulation.record("web").uuid());
    assertThat(simulation.record("copy").mac()).isNotEqualTo(simulation.record("web").mac());
    assertThat(simulation.disk("copy")).isNotEqualTo(simulation.disk("web"));
    assertThat(simulation.process("copy").memory).as("it boots").isEqualTo("booted");
    assertThat(simulation.world.guests.provisionings).as("its steps have run").isEqualTo(1);
    assertThat(names()).as("what was taken to be copied is gone").isEmpty();
    assertThat(simulation.record("web").hasTask()).isFalse();
    assertThat(
            simulation
                .vmctl
                .cloneVm(new VmName("other"), new CloneRequest(new VmName("second"), null, false))
                .notes())
        .singleElement()
        .asString()
        .contains("ports");
  }

  @Test
  void aCloneOfASnapshotHasWhatWasThenAndIsHeldStopped() {
    work("before");
    take("clean", true);
    work("after");
    simulation.vmctl.cloneVm(WEB, new CloneRequest(COPY, "clean", false));
    pass();
    assertThat(simulation.status("copy").summary().state()).isEqualTo("stopped");
    assertThat(
            Objects.requireNonNull(
                    simulation.world.disks.files.get(
                        directory.resolve("vms/copy").resolve(Disks.OVERLAY)))
                .written)
        .containsExactly("before");
    assertThat(names()).containsExactly("clean");
    simulation.vmctl.reload(COPY, true);
    simulation.untilReady("copy");
    assertThat(simulation.process("copy").memory).isEqualTo("booted");
  }

  @Test
  void aCloneWhoseOriginIsGoneSaysSo() {
    take("clean", true);
    simulation.world.disks.copyTime = Duration.ofHours(1);
    simulation.vmctl.cloneVm(WEB, new CloneRequest(COPY, "clean", true));
    simulation.timeline.pass(Duration.ofSeconds(5));
    simulation.vmctl.deleteSnapshot(WEB, "clean");
    simulation.timeline.pass(Duration.ofSeconds(5));
    simulation.restart();
    pass();
    VmStatus.Failure failure = simulation.failure("copy");
    assertThat(failure.code()).isEqualTo("disk.missing");
    assertThat(failure.help()).contains("clone again");
    assertThat(simulation.isReady("web")).isTrue();
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
      boolean[] once = {false};
      each.world.fault =
          call -> {
            if (call.equals(cut) && !once[0]) {
              once[0] = true;
              throw new Killed();
            }
          };
      story(each);
      assertThat(once[0]).as(cut).isTrue();
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
    } catch (Killed killed) {
      each.restart();
      each.timeline.pass(Duration.ofMinutes(1));
    }
  }

  /** What stands for SIGKILL: nothing of ours catches it. */
  private static final class Killed extends Error {
    private static final long serialVersionUID = 1L;
  }
}
