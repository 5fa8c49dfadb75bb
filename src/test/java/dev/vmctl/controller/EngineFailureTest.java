package dev.vmctl.controller;

import static dev.vmctl.controller.Simulation.vm;
import static dev.vmctl.controller.Simulation.withSteps;
import static org.assertj.core.api.Assertions.assertThat;

import dev.vmctl.faults.Area;
import dev.vmctl.faults.Fault;
import dev.vmctl.guest.ProvisionResult;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the engine asks of fails, falls silent, or takes the engine with it. */
class EngineFailureTest extends SimulationFixture {
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
      each.world.killEngineAt(cut);
      try {
        each.declare(withSteps("web", "true"));
        each.timeline.pass(Duration.ofMinutes(1));
      } catch (FakeWorld.Killed killed) {
        each.restart();
      }
      each.untilReady("web");
      assertThat(each.world.killed).as(cut).isTrue();
      assertThat(each.world.violations).as(cut).isEmpty();
      assertThat(each.world.hypervisor.processes).as(cut).hasSize(1);
      assertThat(each.world.disks.files).as(cut).hasSize(1);
    }
  }
}
