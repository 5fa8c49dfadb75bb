package dev.vmctl.controller;

import static dev.vmctl.controller.Simulation.vm;
import static dev.vmctl.controller.Simulation.withSteps;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmctl.faults.Area;
import dev.vmctl.faults.Fault;
import dev.vmctl.model.Declaration;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.NetworkSpec;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmFields;
import dev.vmctl.store.VmRecord;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What is declared of a VM changes, to what can be done and to what cannot. */
class EngineEditTest extends SimulationFixture {
  @Test
  void anEditOfMemoryRestartsOnTheSameDiskAfterTheSourceHasSettled() {
    simulation.declare(vm("web", values -> values.put(VmFields.MEMORY, 256L)));
    simulation.untilReady("web");
    VmRecord before = simulation.record("web");
    UUID disk = simulation.disk("web");
    long pid = simulation.process("web").facts.pid();
    simulation.declare(vm("web", values -> values.put(VmFields.MEMORY, 512L)));
    pass(Duration.ofSeconds(2));
    assertThat(simulation.process("web").facts.pid()).isEqualTo(pid);
    pass(Duration.ofSeconds(10));
    simulation.untilReady("web");
    assertThat(simulation.process("web").facts.memoryMb()).isEqualTo(512);
    assertThat(simulation.process("web").facts.pid()).isNotEqualTo(pid);
    VmRecord after = simulation.record("web");
    assertThat(simulation.disk("web")).isEqualTo(disk);
    assertThat(after.mac()).isEqualTo(before.mac());
    assertThat(after.uuid()).isEqualTo(before.uuid());
    assertThat(simulation.world.disks.trash).isEmpty();
    assertThat(simulation.status("web").observedGeneration()).isEqualTo(2);
    assertThat(simulation.events()).doesNotContain("Crash");
  }

  @Test
  void anEditTakenBackWithinTheSettleTimeDisturbsNothing() {
    simulation.declare(vm("web", values -> values.put(VmFields.MEMORY, 256L)));
    simulation.untilReady("web");
    long pid = simulation.process("web").facts.pid();
    simulation.declare(vm("web", values -> values.put(VmFields.MEMORY, 512L)));
    pass(Duration.ofSeconds(1));
    simulation.declare(vm("web", values -> values.put(VmFields.MEMORY, 256L)));
    pass(Duration.ofMinutes(1));
    assertThat(simulation.process("web").facts.pid()).isEqualTo(pid);
    assertThat(simulation.isReady("web")).isTrue();
  }

  @Test
  void aChangedImageReplacesTheDiskAndTheOldOneIsInTheTrash() {
    simulation.declare(withSteps("web", "true"));
    simulation.untilReady("web");
    UUID old = simulation.disk("web");
    simulation.world.images.present.add("/images/new.qcow2");
    simulation.declare(
        Simulation.vm(
            "web",
            values -> {
              values.put(VmFields.IMAGE, Path.of("/images/new.qcow2"));
              values.put(VmFields.PROVISION, simulation.record("web").desired().spec().provision());
            }));
    pass(Duration.ofSeconds(5));
    simulation.untilReady("web");
    assertThat(simulation.disk("web")).isNotEqualTo(old);
    assertThat(simulation.world.disks.trash)
        .singleElement()
        .extracting(entry -> entry.diskId())
        .isEqualTo(old);
    assertThat(simulation.world.guests.provisioned).containsExactly("web", "web");
  }

  @Test
  void aChangedImageThatIsMissingDoesNotTouchTheVm() {
    simulation.declare(vm("web"));
    simulation.untilReady("web");
    long pid = simulation.process("web").facts.pid();
    simulation.declare(
        vm("web", values -> values.put(VmFields.IMAGE, Path.of("/images/missing.qcow2"))));
    pass(Duration.ofMinutes(2));
    assertThat(simulation.process("web").facts.pid()).isEqualTo(pid);
    assertThat(simulation.world.disks.trash).isEmpty();
    assertThat(simulation.failure("web").code()).isEqualTo("image.not_found");
    assertThat(simulation.status("web").settled()).isTrue();
  }

  @Test
  void changedUserDataIsInTheSeedAlthoughNothingRestarts() {
    simulation.declare(vm("web"));
    simulation.untilReady("web");
    List<String> calls = new ArrayList<>();
    simulation.world.fault = calls::add;
    Declaration before = vm("web");
    simulation.declare(
        new Declaration(
            before.spec(), before.file(), before.line(), java.util.Map.of("/u.yaml", "sha256:2")));
    pass(Duration.ofSeconds(10));
    assertThat(calls).contains("writeSeed").doesNotContain("stop", "start");
    assertThat(simulation.status("web").observedGeneration()).isEqualTo(2);
  }

  @Test
  void whatTheBackendCannotDoIsRefusedBeforeAnythingIsRecorded() {
    Declaration wrong =
        vm("web", values -> values.put(VmFields.NETWORK, new NetworkSpec.Vnic("vnic0")));
    assertThatThrownBy(() -> simulation.up(vm("db"), wrong))
        .isInstanceOfSatisfying(
            VmException.class,
            refused -> {
              assertThat(refused.code()).isEqualTo(ErrorCode.CAPABILITY_MISSING);
              assertThat(refused).hasMessage("web: network \"vnic\" is not supported by qemu");
              assertThat(refused.help()).contains("network \"user\"");
            });
    assertThat(simulation.exists("web")).isFalse();
    assertThat(simulation.exists("db")).isFalse();
  }

  @Test
  void anEditThatTheBackendCannotDoStallsTheVmAndLeavesItRunning() {
    simulation.declare(vm("web"));
    simulation.untilReady("web");
    simulation.declare(
        vm("web", values -> values.put(VmFields.NETWORK, new NetworkSpec.Vnic("vnic0"))));
    pass(Duration.ofMinutes(1));
    assertThat(simulation.isUp("web")).isTrue();
    assertThat(simulation.failure("web").code()).isEqualTo(ErrorCode.CAPABILITY_MISSING.text());
    simulation.declare(vm("web"));
    simulation.untilReady("web");
    assertThat(simulation.events()).doesNotContain("Stopping");
  }

  @Test
  @Fault(
      area = Area.VMFILE,
      value = "an edit that cannot be carried out, and the VM crashes",
      silent = "it starts as it was before the edit; event `EditRefused`")
  void aRefusedEditDoesNotKeepDownAVmThatCrashes() {
    simulation.declare(vm("web", values -> values.put(VmFields.DISK, 10L << 30)));
    simulation.untilReady("web");
    simulation.declare(vm("web", values -> values.put(VmFields.DISK, 5L << 30)));
    pass(Duration.ofSeconds(10));
    assertThat(simulation.failure("web").code()).isEqualTo("disk.shrink_refused");
    simulation.world.kill(simulation.record("web").uuid());
    simulation.timeline.until(() -> simulation.isUp("web"), Duration.ofMinutes(2));
    pass(Duration.ofSeconds(50));
    assertThat(simulation.events()).contains("EditRefused");
    assertThat(simulation.isUp("web")).isTrue();
    assertThat(simulation.failure("web").code()).isEqualTo("disk.shrink_refused");
  }
}
