package dev.vmctl.controller;

import static dev.vmctl.controller.Simulation.vm;
import static org.assertj.core.api.Assertions.assertThat;

import dev.vmctl.api.VmStatus;
import dev.vmctl.api.VmStatus.ConditionView;
import dev.vmctl.guest.GuestFacts;
import dev.vmctl.guest.HealthCheck;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.PolicyFields;
import dev.vmctl.model.ProbeCheck;
import dev.vmctl.model.ProbeSpec;
import dev.vmctl.model.RestartPolicy;
import dev.vmctl.model.VmException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class HealthTest extends SimulationFixture {
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final ProbeSpec LIVENESS =
      new ProbeSpec(List.of(new ProbeCheck.Http("/health", 80)), null, SECOND, 3);

  private ConditionView ready() {
    return simulation.condition("web", "Ready");
  }

  private String messageOf(String reason) {
    return simulation.engine.parts().journal().read().stream()
        .filter(event -> event.reason().equals(reason))
        .reduce((first, last) -> last)
        .orElseThrow()
        .message();
  }

  @Test
  void aVmIsAskedWhatItsReadyDeclaresForAsLongAsThatSays() {
    ProbeSpec ready =
        new ProbeSpec(
            List.of(new ProbeCheck.Tcp(5432), new ProbeCheck.Log("up")),
            Duration.ofMinutes(5),
            Duration.ofSeconds(3),
            null);
    simulation.declare(vm("web", values -> values.put(PolicyFields.READY, ready)));
    simulation.untilReady("web");
    HealthCheck asked = simulation.world.guests.readiness.getFirst();
    assertThat(asked.checks()).isEqualTo(ready.checks());
    assertThat(asked.interval()).isEqualTo(Duration.ofSeconds(3));
    assertThat(asked.timeout()).isEqualTo(Duration.ofMinutes(5));
    VmStatus.PolicyView policy = Objects.requireNonNull(simulation.status("web").policy());
    assertThat(policy.ready()).startsWith("tcp 5432, log /up/");
  }

  @Test
  void aVmWithAnSshServerIsAskedForItsBanner() {
    simulation.declare(vm("web"));
    simulation.untilReady("web");
    assertThat(simulation.world.guests.readiness.getFirst().checks())
        .containsExactly(new ProbeCheck.Ssh());
  }

  @Test
  void whyAGuestDidNotBecomeReadyIsItsReasonAndAnEventWithTheConsolesTail() {
    simulation.world.guests.notReady =
        new VmException(ErrorCode.GUEST_NO_LEASE, "its network has no address", "see");
    simulation.world.guests.console = List.of("udhcpc: no lease, failing");
    simulation.declare(vm("web"));
    pass(SECOND.multipliedBy(10));
    assertThat(simulation.isUp("web")).as("it is not stopped for that").isTrue();
    assertThat(ready().status()).isEqualTo("False");
    assertThat(ready().reason()).isEqualTo("GuestNoLease");
    assertThat(messageOf("GuestNoLease")).contains("no address", "udhcpc: no lease, failing");
    assertThat(simulation.status("web").settled()).as("who waits is told").isTrue();
    assertThat(simulation.failure("web").code()).isEqualTo("guest.no_lease");
  }

  @Test
  void aGuestThatBecomesReadyLateIsReadyAfterAResync() {
    simulation.world.guests.notReady =
        new VmException(ErrorCode.GUEST_NOT_READY, "not in time", "see");
    simulation.declare(vm("web"));
    pass(SECOND.multipliedBy(10));
    simulation.world.guests.notReady = null;
    pass(Duration.ofMinutes(2));
    simulation.engine.resync();
    pass(SECOND.multipliedBy(10));
    assertThat(simulation.isReady("web")).isTrue();
    assertThat(simulation.status("web").failure()).isNull();
  }

  @Test
  void aLaterLookAtALateGuestIsShort() {
    simulation.world.guests.notReady =
        new VmException(ErrorCode.GUEST_NOT_READY, "not in time", "see");
    simulation.declare(vm("web"));
    pass(Duration.ofMinutes(12));
    simulation.engine.resync();
    pass(SECOND);
    assertThat(simulation.world.guests.readiness.getLast().timeout())
        .isEqualTo(SECOND.multipliedBy(5));
  }

  private void isUpWithLiveness(RestartPolicy policy) {
    simulation.declare(
        vm(
            "web",
            values -> {
              values.put(PolicyFields.RESTART, policy);
              values.put(PolicyFields.LIVENESS, LIVENESS);
            }));
    simulation.untilReady("web");
  }

  @Test
  void aGuestThatIsWellIsLookedAtInItsInterval() {
    isUpWithLiveness(RestartPolicy.ON_FAILURE);
    pass(SECOND.multipliedBy(60));
    List<Instant> looks = simulation.world.guests.looks;
    assertThat(looks).hasSizeBetween(50, 60);
    assertThat(simulation.status("web").restarts()).isZero();
    assertThat(simulation.isReady("web")).isTrue();
  }

  @Test
  void aHungGuestIsRestartedAfterAsManyFailuresAsItSays() {
    isUpWithLiveness(RestartPolicy.ON_FAILURE);
    long pid = simulation.process("web").facts.pid();
    simulation.world.guests.wrong = name -> Optional.of("http :80/health: it answers 503");
    pass(SECOND.multipliedBy(2));
    assertThat(simulation.status("web").summary().state()).isEqualTo("running");
    pass(SECOND.multipliedBy(2));
    simulation.world.guests.wrong = name -> Optional.empty();
    simulation.untilReady("web");
    pass(Duration.ofMinutes(1));
    simulation.untilReady("web");
    assertThat(simulation.process("web").facts.pid()).isNotEqualTo(pid);
    assertThat(simulation.status("web").restarts()).isEqualTo(1);
    assertThat(messageOf("LivenessFailed")).contains("503");
    assertThat(simulation.events()).contains("LivenessFailed", "Restarted").doesNotContain("Crash");
  }

  @Test
  void failuresThatDoNotComeInARowRestartNothing() {
    isUpWithLiveness(RestartPolicy.ON_FAILURE);
    int[] looks = {0};
    simulation.world.guests.wrong =
        name -> looks[0]++ % 3 == 2 ? Optional.empty() : Optional.of("tcp 5432: refused");
    pass(Duration.ofMinutes(1));
    assertThat(looks[0]).isGreaterThan(30);
    assertThat(simulation.status("web").restarts()).isZero();
  }

  @Test
  void aGuestThatHangsAgainAndAgainIsHeldBack() {
    isUpWithLiveness(RestartPolicy.ON_FAILURE);
    simulation.world.guests.wrong = name -> Optional.of("agent: nobody answers");
    simulation.timeline.until(
        () -> ready().reason().equals("CrashLoopBackOff"), Duration.ofMinutes(5));
    assertThat(ready().message()).contains("liveness had failed");
    simulation.timeline.until(
        () -> simulation.status("web").restarts() == 3, Duration.ofMinutes(5));
  }

  @Test
  void aHungGuestThatIsNeverToBeRestartedIsOnlyToldOf() {
    isUpWithLiveness(RestartPolicy.NEVER);
    long pid = simulation.process("web").facts.pid();
    simulation.world.guests.wrong = name -> Optional.of("tcp 80: refused");
    pass(Duration.ofMinutes(1));
    assertThat(simulation.process("web").facts.pid()).isEqualTo(pid);
    assertThat(simulation.events()).contains("LivenessFailed");
  }

  @Test
  void aStoppedGuestIsNotLookedAt() {
    isUpWithLiveness(RestartPolicy.ON_FAILURE);
    simulation.vmctl.stop(WEB, SECOND);
    pass(SECOND.multipliedBy(5));
    int before = simulation.world.guests.looks.size();
    pass(Duration.ofMinutes(1));
    assertThat(simulation.world.guests.looks).hasSize(before);
    simulation.vmctl.start(WEB);
    simulation.untilReady("web");
    pass(SECOND.multipliedBy(3));
    assertThat(simulation.world.guests.looks.size()).isGreaterThan(before);
  }

  @Test
  void anEngineThatComesInTheMiddleOfHealingLeavesTheGuestAsItIs() {
    isUpWithLiveness(RestartPolicy.ON_FAILURE);
    simulation.world.hypervisor.stops = false;
    simulation.world.guests.wrong = name -> Optional.of("tcp 80: refused");
    pass(SECOND.multipliedBy(4));
    simulation.world.hypervisor.stops = true;
    simulation.world.guests.wrong = name -> Optional.empty();
    simulation.restart();
    pass(Duration.ofMinutes(1));
    assertThat(simulation.isReady("web")).isTrue();
    simulation.world.kill(simulation.record("web").uuid());
    simulation.timeline.runReady();
    assertThat(simulation.events()).contains("Crash");
  }

  @Test
  void whatTheAgentSaysIsInTheStatusWhileThatGuestRuns() {
    simulation.world.guests.agentSays =
        new GuestFacts("web", "Debian 12", List.of("eth0 10.0.2.15"));
    simulation.declare(vm("web"));
    simulation.untilReady("web");
    pass(SECOND);
    VmStatus.GuestView guest = Objects.requireNonNull(simulation.status("web").guest());
    assertThat(guest.hostname()).isEqualTo("web");
    assertThat(guest.os()).isEqualTo("Debian 12");
    assertThat(guest.addresses()).containsExactly("eth0 10.0.2.15");
    simulation.vmctl.stop(WEB, SECOND);
    pass(SECOND.multipliedBy(5));
    assertThat(simulation.status("web").guest()).isNull();
  }
}
