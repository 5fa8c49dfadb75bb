package dev.vmctl.controller;

import static dev.vmctl.controller.Simulation.vm;
import static dev.vmctl.controller.Simulation.withSteps;
import static org.assertj.core.api.Assertions.assertThat;

import dev.vmctl.api.Changes;
import dev.vmctl.model.SourceId;
import dev.vmctl.model.VmFields;
import dev.vmctl.source.Snapshot;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What people and sources ask for while something else is under way. */
class IntentsTest extends SimulationFixture {
  private static final SourceId UP = SourceId.file(Simulation.FILE);

  IntentsTest() {
    super(5);
  }

  @Test
  void aHeldVmKeepsItsDiskWhenItsImageIsEditedUntilItIsStarted() {
    simulation.up(vm("web"));
    simulation.untilReady("web");
    UUID disk = simulation.disk("web");
    simulation.vmctl.stop(WEB, Duration.ofSeconds(10));
    pass(Duration.ofSeconds(20));
    simulation.world.images.present.add("/images/new.qcow2");
    simulation.store.update(
        WEB,
        record ->
            simulation
                .engine
                .intents()
                .declare(
                    record,
                    vm("web", values -> values.put(VmFields.IMAGE, Path.of("/images/new.qcow2"))),
                    UP,
                    true,
                    simulation.timeline.now()));
    simulation.engine.wake(WEB);
    pass(Duration.ofMinutes(1));
    assertThat(simulation.disk("web")).isEqualTo(disk);
    assertThat(simulation.world.disks.trash).isEmpty();
    simulation.vmctl.start(WEB);
    simulation.untilReady("web");
    assertThat(simulation.disk("web")).isNotEqualTo(disk);
    assertThat(simulation.world.disks.trash).hasSize(1);
  }

  @Test
  void whoHasLessPatienceEndsAStopThatIsUnderWay() {
    simulation.world.hypervisor.stopTime = Duration.ofHours(1);
    simulation.up(vm("web"));
    simulation.untilReady("web");
    simulation.vmctl.stop(WEB, Duration.ofMinutes(30));
    pass(Duration.ofSeconds(10));
    assertThat(simulation.isUp("web")).isTrue();
    simulation.vmctl.stop(WEB, Duration.ofSeconds(1));
    pass(Duration.ofSeconds(5));
    assertThat(simulation.isUp("web")).isFalse();
    assertThat(simulation.status("web").summary().state()).isEqualTo("stopped");
  }

  @Test
  void aStopThatAnotherEngineBeganIsForgottenByAVmThatIsWantedAgain() {
    simulation.world.hypervisor.stopTime = Duration.ofMinutes(5);
    simulation.up(vm("web"));
    simulation.untilReady("web");
    simulation.vmctl.stop(WEB, Duration.ofMinutes(10));
    pass(Duration.ofSeconds(1));
    simulation.engine.close();
    simulation.vmctl.start(WEB);
    simulation.world.hypervisor.stops = false;
    simulation.restart();
    pass(Duration.ofMinutes(10));
    assertThat(simulation.status("web").summary().state()).isEqualTo("running");
    simulation.world.kill(simulation.record("web").uuid());
    simulation.untilReady("web");
    assertThat(simulation.status("web").restarts()).isEqualTo(1);
  }

  @Test
  void aVmThatIsDeclaredAgainAtTheLastMomentIsNotTakenAway() {
    simulation.up(vm("web"));
    simulation.untilReady("web");
    UUID disk = simulation.disk("web");
    simulation.store.onTakeAway =
        () -> {
          simulation.store.onTakeAway = () -> {};
          simulation.up(vm("web"));
        };
    simulation.vmctl.destroy(WEB, true);
    pass(Duration.ofSeconds(10));
    simulation.untilReady("web");
    assertThat(simulation.disk("web")).isEqualTo(disk);
  }

  @Test
  void startDoesNotWaitForASourceThatNobodyFollows() {
    simulation.declare(vm("web"));
    simulation.untilReady("web");
    simulation.declare(vm("web", values -> values.put(VmFields.MEMORY, 512L)));
    simulation.trust = Snapshot.Trust.UNKNOWN;
    simulation.restart();
    pass(Duration.ofMinutes(1));
    assertThat(simulation.status("web").observedGeneration()).isEqualTo(1);
    simulation.vmctl.start(WEB);
    simulation.untilReady("web");
    assertThat(simulation.status("web").observedGeneration()).isEqualTo(2);
  }

  @Test
  void whoWaitsWithAVersionOfAnEngineBeforeThisOneGetsEverything() {
    simulation.up(withSteps("web", "true"));
    simulation.untilReady("web");
    Changes before = simulation.vmctl.changes(Set.of(), 0, Duration.ZERO);
    pass(Duration.ofSeconds(1));
    simulation.restart();
    Changes after = simulation.vmctl.changes(Set.of(), before.version(), Duration.ZERO);
    assertThat(after.vms()).hasSize(1);
    assertThat(after.version()).isGreaterThan(before.version());
  }
}
