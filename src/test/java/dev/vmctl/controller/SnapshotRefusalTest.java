package dev.vmctl.controller;

import static dev.vmctl.controller.Simulation.vm;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmctl.api.CloneRequest;
import dev.vmctl.api.SnapshotRequest;
import dev.vmctl.api.SnapshotsView;
import dev.vmctl.disk.Disks;
import dev.vmctl.faults.Area;
import dev.vmctl.faults.Fault;
import dev.vmctl.faults.Seen;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.ShareFacts;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmFields;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Moments that cannot be kept or gone back to: who asks is told why, and nothing is touched. */
class SnapshotRefusalTest extends SnapshotFixture {
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
}
