package dev.vmctl.controller;

import static dev.vmctl.controller.Simulation.vm;
import static org.assertj.core.api.Assertions.assertThat;

import dev.vmctl.api.VmStatus.ConditionView;
import dev.vmctl.faults.Area;
import dev.vmctl.faults.Fault;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.ExitReason;
import dev.vmctl.model.PolicyFields;
import dev.vmctl.model.RestartPolicy;
import dev.vmctl.model.VmException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class RestartPolicyTest extends SimulationFixture {
  private void isUpWith(RestartPolicy policy) {
    simulation.declare(vm("web", values -> values.put(PolicyFields.RESTART, policy)));
    simulation.untilReady("web");
  }

  private void ends(ExitReason reason) {
    simulation.world.end(simulation.record("web").uuid(), reason);
    simulation.timeline.runReady();
  }

  private ConditionView ready() {
    return ready("web");
  }

  private ConditionView ready(String name) {
    return simulation.condition(name, "Ready");
  }

  @Test
  void alwaysBringsBackAGuestThatPoweredItselfOffAndSlowsDown() {
    isUpWith(RestartPolicy.ALWAYS);
    ends(ExitReason.GUEST_SHUTDOWN);
    simulation.untilReady("web");
    assertThat(simulation.status("web").restarts()).isEqualTo(1);
    ends(ExitReason.GUEST_SHUTDOWN);
    assertThat(simulation.isUp("web")).isFalse();
    assertThat(ready().reason()).isEqualTo("CrashLoopBackOff");
    simulation.timeline.pass(Duration.ofSeconds(11));
    assertThat(simulation.isUp("web")).isTrue();
  }

  @Fault(
      area = Area.HOST,
      value = "its clock is set back by a day",
      silent = "what crashed, failed or waits is attended to as if nothing had happened")
  @Test
  void aClockThatIsSetBackKeepsNobodyWaiting() {
    isUpWith(RestartPolicy.ON_FAILURE);
    ends(ExitReason.GUEST_PANIC);
    simulation.untilReady("web");
    ends(ExitReason.GUEST_PANIC);
    assertThat(ready().reason()).isEqualTo("CrashLoopBackOff");

    simulation.timeline.setBack(Duration.ofDays(1));
    simulation.timeline.pass(Duration.ofMinutes(2));
    assertThat(simulation.isUp("web")).as("healed").isTrue();

    simulation.world.guests.notReady = new VmException(ErrorCode.SSH_TIMEOUT, "no answer", "wait");
    simulation.declare(
        vm("web", values -> values.put(PolicyFields.RESTART, RestartPolicy.ON_FAILURE)), vm("new"));
    simulation.timeline.pass(Duration.ofSeconds(1));
    simulation.world.guests.notReady = null;
    simulation.timeline.setBack(Duration.ofDays(1));
    simulation.timeline.until(() -> ready("new").status().equals("True"), Duration.ofMinutes(2));
  }

  /** Else whoever asks for it right after a host's reboot is told that it failed. */
  @Test
  void aGuestWhoseEndNobodyHasNoticedYetIsNotSettled() {
    isUpWith(RestartPolicy.ON_FAILURE);
    assertThat(simulation.status("web").settled()).isTrue();
    simulation.reboot();
    assertThat(simulation.status("web").settled()).isFalse();
    simulation.untilReady("web");
    assertThat(simulation.status("web").settled()).isTrue();
  }

  @Test
  void alwaysLeavesAVmStoppedThatAPersonStopped() {
    isUpWith(RestartPolicy.ALWAYS);
    simulation.vmctl.stop(WEB, Duration.ofSeconds(5));
    simulation.timeline.pass(Duration.ofMinutes(2));
    assertThat(simulation.isUp("web")).isFalse();
    assertThat(ready().reason()).isEqualTo("Held");
  }

  @Test
  void neverLeavesACrashedGuestDownAndSaysHowToGetItBack() {
    isUpWith(RestartPolicy.NEVER);
    simulation.world.kill(simulation.record("web").uuid());
    simulation.timeline.pass(Duration.ofMinutes(30));
    assertThat(simulation.isUp("web")).isFalse();
    assertThat(ready().reason()).isEqualTo("Crash");
    assertThat(ready().message()).contains("vmctl start");
    assertThat(simulation.status("web").summary().state()).isEqualTo("failed");
    assertThat(simulation.status("web").settled()).isTrue();
    simulation.vmctl.start(WEB);
    simulation.untilReady("web");
  }

  @Test
  void neverStillLetsAGuestComeBackWithItsHost() {
    isUpWith(RestartPolicy.NEVER);
    simulation.reboot();
    simulation.untilReady("web");
  }

  @Test
  void aGuestThatKeepsCrashingSaysSinceWhenAndUntilWhen() {
    isUpWith(RestartPolicy.ON_FAILURE);
    ends(ExitReason.GUEST_PANIC);
    simulation.untilReady("web");
    ends(ExitReason.GUEST_PANIC);
    assertThat(ready().reason()).isEqualTo("CrashLoopBackOff");
    assertThat(ready().message()).contains("kernel has panicked", "once lately", "2026-01-01T");
    assertThat(simulation.events()).contains("CrashLoopBackOff");
    simulation.untilReady("web");
    assertThat(ready().status()).isEqualTo("True");
  }

  @Test
  void aRestartOfTheEngineDoesNotShortenTheBackOff() {
    isUpWith(RestartPolicy.ON_FAILURE);
    ends(ExitReason.GUEST_PANIC);
    simulation.untilReady("web");
    ends(ExitReason.GUEST_PANIC);
    simulation.timeline.pass(Duration.ofSeconds(5));
    simulation.restart();
    simulation.timeline.pass(Duration.ofSeconds(4));
    assertThat(simulation.isUp("web")).isFalse();
    simulation.timeline.pass(Duration.ofSeconds(2));
    assertThat(simulation.isUp("web")).isTrue();
  }

  @Test
  void whyAGuestEndedIsKnownToAnEngineThatWasAway() {
    isUpWith(RestartPolicy.ON_FAILURE);
    simulation.engine.close();
    simulation.world.hypervisor.forgetEngines();
    simulation.world.end(simulation.record("web").uuid(), ExitReason.GUEST_SHUTDOWN);
    simulation.timeline.pass(Duration.ofHours(1));
    simulation.restart();
    simulation.timeline.pass(Duration.ofMinutes(1));
    assertThat(simulation.isUp("web")).isFalse();
    assertThat(ready().reason()).isEqualTo("GuestShutdown");
  }

  @Test
  void anEditOfThePolicyBringsBackWhatHasEndedBefore() {
    isUpWith(RestartPolicy.NEVER);
    ends(ExitReason.GUEST_PANIC);
    simulation.timeline.pass(Duration.ofMinutes(1));
    assertThat(simulation.isUp("web")).isFalse();
    isUpWith(RestartPolicy.ON_FAILURE);
  }
}
