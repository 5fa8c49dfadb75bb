package dev.vmctl.controller;

import static dev.vmctl.controller.Simulation.vm;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmctl.faults.Area;
import dev.vmctl.faults.Fault;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import dev.vmctl.source.Snapshot;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** VMs are declared no more, or seem to be. */
class EngineRemovalTest extends SimulationFixture {
  @Test
  void aRemovedVmGoesToTheTrashAfterTheSettleTime() {
    simulation.declare(vm("web"), vm("db"));
    simulation.untilReady("web", "db");
    simulation.declare(vm("db"));
    pass(Duration.ofSeconds(2));
    assertThat(simulation.isUp("web")).isTrue();
    pass(Duration.ofSeconds(10));
    assertThat(simulation.exists("web")).isFalse();
    assertThat(simulation.world.disks.trash)
        .singleElement()
        .extracting(entry -> entry.vm())
        .isEqualTo(WEB);
    assertThat(simulation.isReady("db")).isTrue();
  }

  @Test
  @Fault(
      area = Area.VMFILE,
      value = "deleted, and restored within the settle time",
      silent = "the VM runs on")
  void aVmDeletedAndDeclaredAgainWithinTheSettleTimeIsNotTouched() {
    simulation.declare(vm("web"), vm("db"));
    simulation.untilReady("web", "db");
    long pid = simulation.process("web").facts.pid();
    simulation.declare(vm("db"));
    pass(Duration.ofSeconds(2));
    simulation.declare(vm("web"), vm("db"));
    pass(Duration.ofMinutes(1));
    assertThat(simulation.process("web").facts.pid()).isEqualTo(pid);
  }

  @Test
  @Fault(
      area = Area.VMFILE,
      value = "its directory is gone or suddenly empty",
      silent =
          "nothing is removed; event `SourceUnknown` or `PruneRefused`, and the VMs' conditions say why")
  void aSourceThatIsUnknownOrSuddenlyEmptyRemovesNothing() {
    simulation.declare(vm("web"), vm("db"), vm("mail"));
    simulation.untilReady("web", "db", "mail");
    simulation.trust = Snapshot.Trust.UNKNOWN;
    simulation.engine.syncSources();
    pass(Duration.ofMinutes(2));
    simulation.trust = Snapshot.Trust.COMPLETE;
    simulation.declare();
    pass(Duration.ofMinutes(2));
    simulation.declare(vm("web"));
    pass(Duration.ofMinutes(2));
    assertThat(simulation.world.hypervisor.processes).hasSize(3);
    assertThat(simulation.world.disks.trash).isEmpty();
    assertThat(simulation.events()).contains("SourceUnknown", "PruneRefused");
  }

  @Test
  void aPartialSnapshotAddsButNeverRemoves() {
    simulation.declare(vm("web"), vm("db"), vm("mail"));
    simulation.untilReady("web", "db", "mail");
    simulation.trust = Snapshot.Trust.PARTIAL;
    simulation.declare(vm("web"), vm("db"), vm("extra"));
    pass(Duration.ofMinutes(2));
    assertThat(simulation.world.hypervisor.processes).hasSize(4);
  }

  @Test
  void destroyIsRefusedWhileAWatchedSourceIsThere() {
    simulation.up(vm("web"));
    simulation.untilReady("web");
    simulation.vmctl.destroy(WEB, false);
    simulation.timeline.until(() -> !simulation.exists("web"), Duration.ofMinutes(1));
    assertThat(simulation.world.disks.trash).hasSize(1);
    assertThatThrownBy(() -> simulation.vmctl.status(WEB))
        .isInstanceOfSatisfying(
            VmException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.VM_NOT_FOUND));
  }
}
