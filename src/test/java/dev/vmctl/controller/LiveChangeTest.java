package dev.vmctl.controller;

import static dev.vmctl.controller.Simulation.vm;
import static org.assertj.core.api.Assertions.assertThat;

import dev.vmctl.model.Declaration;
import dev.vmctl.model.LiveRoom;
import dev.vmctl.model.VmFields;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A guest that runs is changed, or is not, and its record is true either way. */
class LiveChangeTest extends SimulationFixture {
  LiveChangeTest() {
    super(9);
  }

  @BeforeEach
  void start() {
    simulation.world.hypervisor.room = new LiveRoom(4, 4096, true);
    simulation.declare(web(512));
    simulation.untilReady("web");
  }

  private static Declaration web(long memory) {
    return vm("web", values -> values.put(VmFields.MEMORY, memory));
  }

  private long pid() {
    return simulation.process("web").facts.pid();
  }

  private void pass() {
    simulation.timeline.pass(Duration.ofSeconds(30));
    simulation.untilReady("web");
  }

  @Test
  void aLiveChangeIsMadeOnTheSameRunAndLeavesNothingToDo() {
    long before = pid();
    simulation.declare(web(1024));
    pass();
    assertThat(pid()).isEqualTo(before);
    assertThat(simulation.world.hypervisor.adjusted).isEqualTo(1);
    assertThat(simulation.status("web").summary().memoryMb()).isEqualTo(1024);
    assertThat(simulation.status("web").observedGeneration()).isEqualTo(2);
    simulation.engine.resync();
    pass();
    assertThat(simulation.world.hypervisor.adjusted).isEqualTo(1);
  }

  @Test
  void whatTheGuestRefusesIsMadeByOneRestart() {
    long before = pid();
    simulation.world.hypervisor.refuses = true;
    simulation.declare(web(1024));
    pass();
    assertThat(pid()).isEqualTo(before + 1);
    assertThat(simulation.events()).containsOnlyOnce("LiveChangeRefused");
    assertThat(simulation.status("web").summary().memoryMb()).isEqualTo(1024);
    assertThat(simulation.world.hypervisor.adjusted).isEqualTo(1);
  }

  @Test
  void anEngineThatIsKilledInAChangeLeavesItToTheNext() {
    long before = pid();
    simulation.declare(web(1024));
    simulation.timeline.runReady();
    simulation.restart();
    pass();
    assertThat(pid()).isEqualTo(before);
    assertThat(simulation.status("web").summary().memoryMb()).isEqualTo(1024);
    assertThat(simulation.status("web").observedGeneration()).isEqualTo(2);
  }

  @Test
  void whoAsksForAStopDoesNotWaitForAChange() {
    simulation.declare(web(1024));
    simulation.timeline.runReady();
    simulation.vmctl.stop(WEB, Duration.ofSeconds(1));
    simulation.timeline.until(() -> !simulation.isUp("web"), Duration.ofSeconds(2));
    assertThat(simulation.status("web").summary().state()).isEqualTo("stopped");
  }
}
