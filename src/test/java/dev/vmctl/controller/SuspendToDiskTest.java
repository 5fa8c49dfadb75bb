package dev.vmctl.controller;

import static dev.vmctl.controller.Simulation.vm;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmctl.api.SnapshotRequest;
import dev.vmctl.api.VmStatus;
import dev.vmctl.disk.Disks;
import dev.vmctl.faults.Area;
import dev.vmctl.faults.Fault;
import dev.vmctl.faults.Seen;
import dev.vmctl.model.Declaration;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmFields;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Guests whose memory is on disk, and that go on from there. */
class SuspendToDiskTest extends SimulationFixture {
  SuspendToDiskTest() {
    super(22);
  }

  @BeforeEach
  void start() {
    simulation.declare(web(512));
    simulation.untilReady("web");
    simulation.world.work(simulation.record("web").uuid(), "working");
  }

  private static Declaration web(long memory) {
    return vm("web", values -> values.put(VmFields.MEMORY, memory));
  }

  private void pass() {
    simulation.timeline.pass(Duration.ofSeconds(30));
  }

  private void suspend() {
    simulation.vmctl.suspendToDisk(WEB, false);
    pass();
    assertThat(simulation.isUp("web")).isFalse();
  }

  private FakeDisk disk() {
    return Objects.requireNonNull(
        simulation.world.disks.files.get(directory.resolve("vms/web").resolve(Disks.OVERLAY)));
  }

  private void assertGoesOn() {
    simulation.untilReady("web");
    assertThat(simulation.process("web").memory).isEqualTo("working");
    assertThat(simulation.process("web").frozen).isFalse();
    pass();
    assertThat(disk().moments).as("it takes no room any more").isEmpty();
    assertThat(simulation.record("web").saved()).isEmpty();
  }

  @Test
  void itGoesOnWhereItWasAfterABootOfTheHost() {
    suspend();
    VmStatus status = simulation.status("web");
    assertThat(status.summary().state()).isEqualTo("suspended");
    assertThat(status.settled()).isTrue();
    assertThat(status.holds())
        .extracting(VmStatus.HoldView::kind)
        .containsExactly("suspended-to-disk");
    simulation.reboot();
    simulation.timeline.pass(Duration.ofMinutes(5));
    assertThat(simulation.isUp("web")).as("it is held").isFalse();

    simulation.vmctl.resume(WEB);
    assertGoesOn();
    assertThat(simulation.status("web").restarts()).isZero();
    assertThat(simulation.world.guests.boots).as("what it said when it booted counts").isEqualTo(1);
    assertThat(simulation.events()).contains("SuspendedToDisk").doesNotContain("Crash");
  }

  @Test
  void whatIsSuspendedBecauseTheHostGoesDownGoesOnByItselfAfterItsBoot() {
    simulation.vmctl.suspendToDisk(WEB, true);
    pass();
    simulation.restart();
    simulation.timeline.pass(Duration.ofMinutes(5));
    assertThat(simulation.isUp("web")).as("the host is up still").isFalse();
    simulation.reboot();
    assertGoesOn();
    assertThat(simulation.status("web").holds()).isEmpty();
  }

  @Test
  void aStartLetsItGoOnToo() {
    suspend();
    simulation.vmctl.suspendToDisk(WEB, false);
    simulation.vmctl.start(WEB);
    assertGoesOn();
  }

  @Test
  void whatWasEditedMeanwhileIsDoneToItOnceItRuns() {
    suspend();
    simulation.declare(web(1024));
    pass();
    simulation.vmctl.resume(WEB);
    simulation.timeline.until(() -> simulation.isUp("web"), Duration.ofMinutes(1));
    assertThat(simulation.process("web").memory).isEqualTo("working");
    assertThat(simulation.process("web").facts.memoryMb()).isEqualTo(512);
    simulation.timeline.until(
        () -> simulation.isUp("web") && simulation.process("web").facts.memoryMb() == 1024,
        Duration.ofMinutes(2));
    simulation.untilReady("web");
    assertThat(simulation.process("web").memory).isEqualTo("booted");
    assertThat(simulation.record("web").saved()).isEmpty();
  }

  @Test
  @Fault(area = Area.DATA, value = "memory on disk would be lost")
  void whatWouldLoseItsMemoryIsRefusedUntilThatIsGivenUp(Seen seen) {
    suspend();
    for (Runnable each :
        List.<Runnable>of(
            () -> simulation.vmctl.reload(WEB, true), () -> simulation.vmctl.rollback(WEB, 1L))) {
      assertThatThrownBy(each::run)
          .hasMessageContaining("memory")
          .isInstanceOfSatisfying(
              VmException.class,
              no -> {
                assertThat(no.code()).isEqualTo(ErrorCode.VM_INVALID_STATE);
                assertThat(no.help()).contains("--discard-state");
              });
    }
    assertThatThrownBy(() -> simulation.vmctl.reload(WEB, true))
        .isInstanceOfSatisfying(VmException.class, seen::failed);
    simulation.vmctl.discardMemory(WEB);
    simulation.vmctl.start(WEB);
    simulation.untilReady("web");
    assertThat(simulation.process("web").memory).isEqualTo("booted");
    assertThat(disk().moments).isEmpty();
    assertThat(disk().written).containsExactly("working");
  }

  @Test
  void memoryThatCannotBeUsedIsKeptAndSaidUntilSomebodyGivesItUp() {
    suspend();
    simulation.world.hypervisor.noSnapshot =
        new VmException(ErrorCode.MEMORY_UNUSABLE, "another accelerator", "discard it");
    simulation.vmctl.start(WEB);
    pass();
    assertThat(simulation.failure("web").code()).isEqualTo("snapshot.memory_unusable");
    assertThat(simulation.isUp("web")).isFalse();
    assertThat(disk().moments).hasSize(1);
    simulation.world.hypervisor.noSnapshot = null;
    simulation.vmctl.start(WEB);
    assertGoesOn();
  }

  @Test
  void aGuestWhoseMemoryCannotBeWrittenRunsOn() {
    simulation.world.hypervisor.noSnapshot =
        new VmException(ErrorCode.DISK_FULL, "no room", "make some");
    simulation.vmctl.suspendToDisk(WEB, false);
    pass();
    assertThat(simulation.isReady("web")).isTrue();
    assertThat(simulation.process("web").frozen).isFalse();
    assertThat(simulation.status("web").holds()).isEmpty();
    assertThat(simulation.events()).contains("SuspendFailed");
    assertThat(Objects.requireNonNull(simulation.vmctl.snapshots(WEB).failure()).message())
        .isEqualTo("no room");
  }

  @Test
  void aDestroyedVmTakesItsMemoryToTheTrashAndBack() {
    simulation.declare(web(512), vm("db"));
    simulation.untilReady("web", "db");
    suspend();
    simulation.declare(vm("db"));
    pass();
    assertThat(simulation.exists("web")).isFalse();
    assertThat(simulation.world.disks.trash).hasSize(1);
  }

  @Test
  void somebodyWhoWantsItBackWhileItIsWrittenGetsItBack() {
    simulation.vmctl.suspendToDisk(WEB, false);
    simulation.timeline.pass(Duration.ofSeconds(1));
    simulation.vmctl.resume(WEB);
    pass();
    assertGoesOn();
  }

  @Test
  void aStoppedVmHasNothingToSuspend() {
    simulation.vmctl.stop(WEB, Duration.ofSeconds(1));
    pass();
    assertThatThrownBy(() -> simulation.vmctl.suspendToDisk(WEB, false))
        .isInstanceOfSatisfying(
            VmException.class, no -> assertThat(no.code()).isEqualTo(ErrorCode.VM_INVALID_STATE));
  }

  @Test
  void aSnapshotOfWhatIsSuspendedIsOfItsDisks() {
    suspend();
    simulation.vmctl.takeSnapshot(WEB, new SnapshotRequest("cold", false, false));
    pass();
    assertThat(simulation.vmctl.snapshots(WEB).snapshots().getFirst().memoryBytes()).isZero();
    simulation.vmctl.resume(WEB);
    simulation.untilReady("web");
    assertThat(simulation.process("web").memory).isEqualTo("working");
  }

  @Test
  void aCrashOfTheEngineAtAnyCallLosesNoMemoryAndTakesItTwiceNever() {
    for (String cut :
        List.of("snapshot", "snapshot taken", "stop", "start", "started", "deleteLive")) {
      for (boolean guestToo : new boolean[] {false, true}) {
        String name = cut + guestToo;
        Simulation each = new Simulation(directory.resolve(name), 7);
        each.declare(web(512));
        each.untilReady("web");
        each.world.work(each.record("web").uuid(), "working");
        each.world.killEngineAt(cut);
        survive(each, () -> each.vmctl.suspendToDisk(WEB, false), guestToo);
        survive(each, () -> each.vmctl.resume(WEB), guestToo);
        each.untilReady("web");
        each.timeline.pass(Duration.ofMinutes(1));
        assertThat(each.world.killed).as(name).isTrue();
        assertThat(each.world.violations).as(name).isEmpty();
        boolean lost = guestToo && List.of("snapshot", "deleteLive").contains(cut);
        assertThat(each.process("web").memory).as(name).isEqualTo(lost ? "booted" : "working");
        each.world.kill(each.record("web").uuid());
        each.untilReady("web");
        assertThat(each.process("web").memory).as(name).isEqualTo("booted");
      }
    }
  }

  private static void survive(Simulation each, Runnable command, boolean guestToo) {
    try {
      command.run();
      each.timeline.pass(Duration.ofMinutes(1));
    } catch (FakeWorld.Killed killed) {
      if (guestToo) {
        each.world.hypervisor.processes.clear();
      }
      each.restart();
      each.timeline.pass(Duration.ofMinutes(1));
    }
  }
}
