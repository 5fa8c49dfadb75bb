package dev.vmctl.controller;

import static dev.vmctl.controller.Simulation.vm;
import static org.assertj.core.api.Assertions.assertThat;

import dev.vmctl.api.VmStatus;
import dev.vmctl.model.ExitReason;
import dev.vmctl.model.VmName;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HostRebootTest extends SimulationFixture {
  private static final VmName DB = new VmName("db");
  private static final Duration GRACE = Duration.ofSeconds(90);

  @BeforeEach
  void start() {
    simulation.declare(vm("web"), vm("db"));
    simulation.untilReady("web", "db");
  }

  @Test
  void whatRanComesBackAndItsEndWasNoCrash() {
    UUID disk = simulation.disk("web");
    simulation.vmctl.stop(DB, GRACE);
    simulation.timeline.until(() -> !simulation.isUp("db"), GRACE);

    simulation.reboot();

    simulation.untilReady("web");
    assertThat(simulation.isUp("db")).as("it was held stopped").isFalse();
    assertThat(simulation.disk("web")).isEqualTo(disk);
    assertThat(simulation.status("web").restarts()).isZero();
    assertThat(simulation.events()).doesNotContain("Crash");
  }

  @Test
  void aGuestThatHadPoweredItselfOffStaysOffAfterABoot() {
    simulation.world.end(simulation.record("web").uuid(), ExitReason.GUEST_SHUTDOWN);
    simulation.timeline.until(() -> !simulation.isUp("web"), GRACE);
    simulation.vmctl.drain(WEB, GRACE);

    simulation.reboot();

    simulation.untilReady("db");
    simulation.timeline.pass(Duration.ofMinutes(5));
    assertThat(simulation.isUp("web")).isFalse();
  }

  @Test
  void whatIsDrainedStaysDownUntilTheNextBootAndThenComesBack() {
    simulation.vmctl.stop(DB, GRACE);
    simulation.vmctl.drain(DB, GRACE);
    simulation.vmctl.drain(WEB, GRACE);
    simulation.timeline.until(() -> !simulation.isUp("web") && !simulation.isUp("db"), GRACE);
    simulation.engine.resync();
    simulation.timeline.pass(Duration.ofMinutes(5));
    assertThat(simulation.isUp("web")).as("the engine leaves it down").isFalse();
    VmStatus web = simulation.status("web");
    assertThat(web.summary().state()).isEqualTo("stopped");
    assertThat(web.settled()).isTrue();
    assertThat(web.holds()).extracting(VmStatus.HoldView::kind).containsExactly("drained");

    simulation.restart();
    simulation.timeline.pass(Duration.ofMinutes(5));
    assertThat(simulation.isUp("web")).as("another engine in the same boot").isFalse();

    simulation.reboot();
    simulation.untilReady("web");
    assertThat(simulation.status("web").holds()).isEmpty();
    assertThat(simulation.isUp("db")).as("held stopped before it was drained").isFalse();
    assertThat(simulation.events()).contains("HostBooted").doesNotContain("Crash");
  }

  @Test
  void whatWasFrozenWhenItWasDrainedIsFrozenAgain() {
    simulation.vmctl.suspend(WEB);
    simulation.timeline.runReady();
    simulation.vmctl.drain(WEB, GRACE);
    simulation.timeline.until(() -> !simulation.isUp("web"), GRACE);

    simulation.reboot();

    simulation.untilReady("db");
    assertThat(simulation.status("web").holds())
        .extracting(VmStatus.HoldView::kind)
        .containsExactly("suspended");
  }

  @Test
  void aDrainIsTakenBackByAStart() {
    simulation.vmctl.drain(WEB, GRACE);
    simulation.timeline.until(() -> !simulation.isUp("web"), GRACE);
    simulation.vmctl.start(WEB);
    simulation.untilReady("web");
    assertThat(simulation.status("web").holds()).isEmpty();
  }
}
