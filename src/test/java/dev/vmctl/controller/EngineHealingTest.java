package dev.vmctl.controller;

import static dev.vmctl.controller.Simulation.vm;
import static org.assertj.core.api.Assertions.assertThat;

import dev.vmctl.api.VmStatus;
import dev.vmctl.model.ExitReason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** A VM that went down comes back, or stays down and says so. */
class EngineHealingTest extends SimulationFixture {
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
}
