package dev.vmctl.controller;

import static dev.vmctl.controller.Simulation.vm;
import static dev.vmctl.controller.Simulation.withSteps;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmctl.api.VmStatus;
import dev.vmctl.api.VmStatus.ConditionView;
import dev.vmctl.faults.Area;
import dev.vmctl.faults.Fault;
import dev.vmctl.guest.ProvisionResult;
import dev.vmctl.image.ImageProgress;
import dev.vmctl.model.Declaration;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.ExitReason;
import dev.vmctl.model.NetworkSpec;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmFields;
import dev.vmctl.model.VmName;
import dev.vmctl.source.Snapshot;
import dev.vmctl.store.VmRecord;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EngineTest {
  private static final VmName WEB = new VmName("web");

  @TempDir Path directory;
  private Simulation simulation;

  @BeforeEach
  void start() {
    simulation = new Simulation(directory, 1);
  }

  @AfterEach
  void theWorldKeptItsRules() {
    assertThat(simulation.world.violations).isEmpty();
  }

  private void pass(Duration time) {
    simulation.timeline.pass(time);
  }

  @Test
  void aDeclaredVmIsCreatedStartedReadyAndProvisioned() {
    simulation.declare(withSteps("web", "true"));
    simulation.untilReady("web");
    assertThat(simulation.isUp("web")).isTrue();
    assertThat(simulation.world.guests.provisioned).containsExactly("web");
    assertThat(simulation.events()).contains("Created", "Started", "Ready", "Provisioned");
    VmStatus status = simulation.status("web");
    assertThat(status.generation()).isEqualTo(1);
    assertThat(status.observedGeneration()).isEqualTo(1);
    assertThat(status.provision().done()).isTrue();
    assertThat(status.failure()).isNull();
  }

  @Test
  void aKilledVmComesBackAtOnceOnTheSameDisk() {
    simulation.declare(vm("web"));
    simulation.untilReady("web");
    UUID disk = simulation.disk("web");
    Duration before = Duration.ofNanos(simulation.timeline.nanoTime());
    simulation.world.kill(simulation.record("web").uuid());
    simulation.timeline.runReady();
    assertThat(simulation.isUp("web")).isTrue();
    assertThat(Duration.ofNanos(simulation.timeline.nanoTime())).isEqualTo(before);
    assertThat(simulation.disk("web")).isEqualTo(disk);
    simulation.untilReady("web");
    assertThat(simulation.status("web").restarts()).isEqualTo(1);
    assertThat(simulation.events()).contains("Crash", "Restarted");
  }

  @Test
  void aVmThatKeepsCrashingIsBroughtBackMoreAndMoreSlowly() {
    simulation.declare(vm("web"));
    simulation.untilReady("web");
    List<Long> gaps = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      long at = simulation.timeline.nanoTime();
      simulation.world.kill(simulation.record("web").uuid());
      simulation.timeline.until(() -> simulation.isUp("web"), Duration.ofMinutes(10));
      gaps.add(Duration.ofNanos(simulation.timeline.nanoTime() - at).toSeconds());
    }
    assertThat(gaps).startsWith(0L, 10L, 20L, 40L, 80L, 160L);
    assertThat(gaps.getLast()).isLessThanOrEqualTo(300L);
  }

  @Test
  void aGuestThatPowersItselfOffStaysOffAndSaysSo() {
    simulation.declare(vm("web"));
    simulation.untilReady("web");
    simulation.world.end(simulation.record("web").uuid(), ExitReason.GUEST_SHUTDOWN);
    pass(Duration.ofMinutes(5));
    simulation.engine.resync();
    pass(Duration.ofMinutes(5));
    assertThat(simulation.isUp("web")).isFalse();
    VmStatus status = simulation.status("web");
    assertThat(status.summary().state()).isEqualTo("stopped");
    assertThat(status.settled()).isTrue();
    assertThat(status.conditions())
        .anySatisfy(
            condition -> {
              assertThat(condition.type()).isEqualTo("Ready");
              assertThat(condition.reason()).isEqualTo("GuestShutdown");
            });
    simulation.vmctl.start(WEB);
    simulation.untilReady("web");
  }

  @Test
  void aPanickedGuestIsBroughtBack() {
    simulation.declare(vm("web"));
    simulation.untilReady("web");
    simulation.world.end(simulation.record("web").uuid(), ExitReason.GUEST_PANIC);
    simulation.timeline.runReady();
    simulation.untilReady("web");
    assertThat(simulation.events()).contains("GuestPanic", "Restarted");
  }

  @Test
  void stoppingTheEngineNeverStopsAVmAndTheNextOneAdoptsIt() {
    simulation.declare(vm("web"), withSteps("db", "true"));
    simulation.untilReady("web", "db");
    long web = simulation.process("web").facts.pid();
    long db = simulation.process("db").facts.pid();
    simulation.restart();
    pass(Duration.ofMinutes(2));
    assertThat(simulation.process("web").facts.pid()).isEqualTo(web);
    assertThat(simulation.process("db").facts.pid()).isEqualTo(db);
    assertThat(simulation.world.guests.provisioned).containsExactly("db");
    assertThat(simulation.isReady("web")).isTrue();
  }

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
  void aHypervisorThatDoesNotAnswerIsUnknownNeverStopped() {
    simulation.declare(vm("web"));
    simulation.untilReady("web");
    simulation.world.hypervisor.silent = true;
    simulation.engine.resync();
    pass(Duration.ofMinutes(1));
    assertThat(simulation.status("web").summary().state()).isEqualTo("unknown");
    assertThat(simulation.status("web").settled()).isFalse();
    simulation.world.hypervisor.silent = false;
    pass(Duration.ofMinutes(1));
    assertThat(simulation.isReady("web")).isTrue();
    assertThat(simulation.events()).doesNotContain("Crash");
  }

  @Test
  void aHypervisorThatHasHungIsEndedByAStopAndByNothingElse() {
    simulation.declare(vm("web"));
    simulation.untilReady("web");
    simulation.world.hypervisor.silent = true;
    simulation.engine.resync();
    pass(Duration.ofMinutes(5));
    assertThat(simulation.isUp("web")).isTrue();
    simulation.vmctl.stop(WEB, Duration.ofSeconds(5));
    pass(Duration.ofMinutes(1));
    assertThat(simulation.isUp("web")).isFalse();
  }

  @Test
  void howFarADownloadIsIsToldWithoutAReconcile() {
    simulation.world.images.importTime = Duration.ofMinutes(2);
    simulation.declare(vm("web"));
    simulation.timeline.until(
        () -> simulation.exists("web") && simulation.status("web").activity().contains("image"),
        Duration.ofMinutes(1));
    simulation.world.images.importProgress.accept(
        new ImageProgress("downloading", 30 << 20, 60 << 20));
    assertThat(simulation.status("web").activity()).startsWith("downloading 50 % of 62.9 MB");
    simulation.untilReady("web");
    assertThat(simulation.status("web").activity()).isEmpty();
  }

  @Test
  void stopWinsOverALongProvisionAndStartProvisionsAfterAll() {
    simulation.world.guests.provisionTime = Duration.ofMinutes(10);
    simulation.declare(withSteps("web", "sleep 600"));
    simulation.timeline.until(
        () ->
            simulation.exists("web") && simulation.status("web").activity().startsWith("provision"),
        Duration.ofMinutes(1));
    long asked = simulation.timeline.nanoTime();
    simulation.vmctl.stop(WEB, Duration.ofSeconds(30));
    simulation.timeline.until(() -> simulation.status("web").settled(), Duration.ofMinutes(1));
    assertThat(Duration.ofNanos(simulation.timeline.nanoTime() - asked))
        .isLessThan(Duration.ofSeconds(3));
    assertThat(simulation.status("web").summary().state()).isEqualTo("stopped");
    assertThat(simulation.status("web").holds()).hasSize(1);
    simulation.world.guests.provisionTime = Duration.ofSeconds(1);
    pass(Duration.ofMinutes(20));
    assertThat(simulation.world.guests.provisioned).isEmpty();
    simulation.vmctl.start(WEB);
    simulation.untilReady("web");
    assertThat(simulation.world.guests.provisioned).containsExactly("web");
  }

  @Test
  void aFailingProvisionStepIsReportedAndTriedAgainAfterAnEditOnly() {
    simulation.world.guests.provisionResult = new ProvisionResult.Failed(1, "step 1: exit code 7");
    simulation.declare(withSteps("web", "exit 7"));
    simulation.timeline.until(
        () -> simulation.exists("web") && simulation.status("web").failure() != null,
        Duration.ofMinutes(1));
    simulation.engine.resync();
    pass(Duration.ofMinutes(5));
    simulation.engine.resync();
    pass(Duration.ofMinutes(5));
    assertThat(simulation.world.guests.provisioned).hasSize(1);
    assertThat(simulation.failure("web").code()).isEqualTo("provision.failed");
    assertThat(simulation.failure("web").message()).contains("exit code 7");
    simulation.world.guests.provisionResult = new ProvisionResult.Succeeded();
    simulation.declare(withSteps("web", "exit 0"));
    pass(Duration.ofSeconds(1));
    simulation.untilReady("web");
    assertThat(simulation.world.guests.provisioned).hasSize(2);
    assertThat(simulation.status("web").failure()).isNull();
  }

  @Test
  void transientErrorsAreTriedAgainWithBackoffAndTerminalOnesWait() {
    int[] tries = {0};
    simulation.world.fault =
        call -> {
          if (call.equals("start") && ++tries[0] <= 3) {
            throw new VmException(ErrorCode.QMP_CONNECT_FAILED, "no answer", "look");
          }
        };
    simulation.declare(vm("web"));
    simulation.untilReady("web");
    assertThat(tries[0]).isEqualTo(4);
    int[] again = {0};
    simulation.world.fault =
        call -> {
          if (call.equals("checkAvailable")) {
            again[0]++;
            throw new VmException(ErrorCode.QEMU_NOT_FOUND, "no qemu", "install it");
          }
        };
    simulation.declare(vm("web"), vm("db"));
    pass(Duration.ofSeconds(30));
    assertThat(again[0]).isEqualTo(1);
    assertThat(simulation.failure("db").code()).isEqualTo("qemu.not_found");
    simulation.world.fault = call -> {};
    pass(Duration.ofSeconds(30));
    simulation.engine.resync();
    simulation.untilReady("db");
  }

  @Test
  void aWakeDuringABackoffDoesNotShortenIt() {
    int[] tries = {0};
    simulation.world.fault =
        call -> {
          if (call.equals("start")) {
            tries[0]++;
            throw new VmException(ErrorCode.QMP_CONNECT_FAILED, "no answer", "look");
          }
        };
    simulation.declare(vm("web"));
    pass(Duration.ofSeconds(10));
    int before = tries[0];
    for (int i = 0; i < 50; i++) {
      simulation.engine.wake(WEB);
      simulation.timeline.runReady();
    }
    assertThat(tries[0]).isEqualTo(before);
  }

  @Test
  void aConditionKeepsItsTimeUntilItChangesAndCarriesTheGenerationItJudged() {
    simulation.declare(vm("web"));
    simulation.untilReady("web");
    ConditionView before = ready();

    simulation.engine.resync();
    simulation.timeline.pass(Duration.ofMinutes(3));
    assertThat(ready()).as("looked at again").isEqualTo(before);
    simulation.declare(vm("web", values -> values.put(VmFields.MEMORY, 300L)));
    simulation.timeline.pass(Duration.ofMinutes(1));

    assertThat(ready().lastTransitionTime())
        .as("it was away for a restart")
        .isAfter(before.lastTransitionTime());
    assertThat(ready().observedGeneration()).isEqualTo(before.observedGeneration() + 1);
  }

  private ConditionView ready() {
    return simulation.status("web").conditions().stream()
        .filter(condition -> condition.type().equals("Ready"))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aBadVmNeverSlowsAnother() {
    simulation.world.fault =
        call -> {
          if (call.equals("image")) {
            throw new IllegalStateException("a fault of ours");
          }
        };
    simulation.declare(vm("bad"));
    pass(Duration.ofSeconds(1));
    simulation.world.fault = call -> {};
    simulation.world.images.cached.add("/images/base.qcow2");
    simulation.declare(vm("bad"), vm("good"));
    long at = simulation.timeline.nanoTime();
    simulation.untilReady("good");
    assertThat(Duration.ofNanos(simulation.timeline.nanoTime() - at))
        .isLessThanOrEqualTo(simulation.world.guests.bootTime.plusMillis(10));
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

  @Test
  void reloadGivesANewDiskAndProvisionsAgain() {
    simulation.up(withSteps("web", "true"));
    simulation.untilReady("web");
    UUID old = simulation.disk("web");
    simulation.vmctl.reload(WEB, true);
    simulation.untilReady("web");
    assertThat(simulation.disk("web")).isNotEqualTo(old);
    assertThat(simulation.world.guests.provisioned).containsExactly("web", "web");
    assertThat(simulation.world.disks.trash).hasSize(1);
  }

  @Test
  void suspendFreezesResumeThawsAndBothAreConverged() {
    simulation.up(vm("web"));
    simulation.untilReady("web");
    simulation.vmctl.suspend(WEB);
    simulation.timeline.until(() -> simulation.status("web").settled(), Duration.ofSeconds(5));
    assertThat(simulation.status("web").summary().state()).isEqualTo("suspended");
    simulation.vmctl.resume(WEB);
    simulation.timeline.until(() -> simulation.isReady("web"), Duration.ofSeconds(5));
  }

  @Test
  void whoIsSuspendedOrRunsAlreadyIsNotRefusedToBe() {
    simulation.up(vm("web"));
    simulation.untilReady("web");
    simulation.vmctl.resume(WEB);
    simulation.vmctl.suspend(WEB);
    simulation.vmctl.suspend(WEB);
    simulation.timeline.until(() -> simulation.status("web").settled(), Duration.ofSeconds(5));
    assertThat(simulation.status("web").summary().state()).isEqualTo("suspended");
    assertThatThrownBy(() -> simulation.vmctl.ssh(WEB))
        .hasMessage("web is suspended")
        .extracting(no -> ((VmException) no).help())
        .isEqualTo("let it run on: vmctl resume web");
  }

  @Test
  @Fault(
      area = Area.OURS,
      value = "dies at any call to a hypervisor, disk, image or guest",
      silent = "the next run adopts or cleans; no second process, no lost disk")
  void aCrashOfTheEngineAtAnyCallLeavesSomethingTheNextRunAdoptsOrCleans() {
    List<String> calls =
        List.of(
            "image", "createOverlay", "writeSeed", "start", "started", "awaitReady", "provision");
    for (String cut : calls) {
      Simulation each = new Simulation(directory.resolve(cut), 7);
      boolean[] once = {false};
      each.world.fault =
          call -> {
            if (call.equals(cut) && !once[0]) {
              once[0] = true;
              throw new Killed();
            }
          };
      try {
        each.declare(withSteps("web", "true"));
        each.timeline.pass(Duration.ofMinutes(1));
      } catch (Killed killed) {
        each.restart();
      }
      each.untilReady("web");
      assertThat(once[0]).as(cut).isTrue();
      assertThat(each.world.violations).as(cut).isEmpty();
      assertThat(each.world.hypervisor.processes).as(cut).hasSize(1);
      assertThat(each.world.disks.files).as(cut).hasSize(1);
    }
  }

  /** What stands for SIGKILL: nothing of ours catches it. */
  private static final class Killed extends Error {
    private static final long serialVersionUID = 1L;
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
}
