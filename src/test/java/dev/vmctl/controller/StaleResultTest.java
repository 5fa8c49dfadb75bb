package dev.vmctl.controller;

import static dev.vmctl.controller.Simulation.vm;
import static dev.vmctl.controller.Simulation.withSteps;
import static org.assertj.core.api.Assertions.assertThat;

import dev.vmctl.api.VmStatus;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmFields;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What was begun for something else, or seen before somebody asked for something else. */
class StaleResultTest extends SimulationFixture {
  StaleResultTest() {
    super(3);
  }

  private void untilProvisioning() {
    simulation.timeline.until(
        () -> simulation.exists("web") && activity().contains("provisioning"),
        Duration.ofMinutes(1));
  }

  private String activity() {
    return simulation.status("web").activity();
  }

  @Test
  void aProvisioningThatEndsAfterItsStepsWereEditedIsNoSuccessOfTheNewSteps() {
    simulation.declare(withSteps("web", "old"));
    untilProvisioning();
    // The end of the old steps and the edit are met by one and the same reconcile.
    simulation.world.guests.onProvisioned =
        () ->
            simulation.store.update(
                WEB,
                record ->
                    simulation
                        .engine
                        .intents()
                        .declare(
                            record,
                            withSteps("web", "new"),
                            Simulation.DIRECTORY,
                            true,
                            simulation.timeline.now()));
    simulation.timeline.until(
        () -> simulation.world.guests.provisioned.size() == 1, Duration.ofMinutes(1));
    simulation.world.guests.onProvisioned = () -> {};
    simulation.timeline.until(
        () -> simulation.world.guests.provisioned.size() == 2, Duration.ofMinutes(1));
    simulation.untilReady("web");
    assertThat(simulation.status("web").provision().done()).isTrue();
  }

  @Test
  void anEditOfTheImageEndsTheImportOfTheOldOne() {
    simulation.world.images.importTime = Duration.ofHours(1);
    simulation.declare(
        vm("web", values -> values.put(VmFields.IMAGE, Path.of("/images/missing.qcow2"))));
    simulation.timeline.pass(Duration.ofSeconds(1));
    simulation.world.images.importTime = Duration.ofMillis(300);
    simulation.declare(vm("web"));
    simulation.untilReady("web");
    assertThat(simulation.timeline.nanoTime()).isLessThan(Duration.ofMinutes(1).toNanos());
    assertThat(simulation.status("web").failure()).isNull();
  }

  @Test
  void nobodyTakesAVmForConvergedThatWasJudgedBeforeTheEdit() {
    simulation.declare(vm("web", values -> values.put(VmFields.MEMORY, 256L)));
    simulation.untilReady("web");
    // The edit comes while a reconcile looks at the VM.
    boolean[] once = {true};
    simulation.world.hypervisor.onObserve =
        () -> {
          if (once[0]) {
            once[0] = false;
            simulation.declare(vm("web", values -> values.put(VmFields.MEMORY, 512L)));
            edited = true;
          } else if (edited) {
            // The next look: what the first one left behind is what waiting commands have seen.
            edited = false;
            VmStatus status = simulation.status("web");
            assertThat(status.generation()).isEqualTo(2);
            settledTooEarly = status.settled();
          }
        };
    simulation.engine.wake(WEB);
    simulation.timeline.runReady();
    assertThat(once[0]).isFalse();
    assertThat(edited).isFalse();
    assertThat(settledTooEarly).isFalse();
  }

  private boolean edited;
  private boolean settledTooEarly;

  @Test
  void aHypervisorThatIsSilentForAMomentDoesNotEndAProvisioning() {
    simulation.world.guests.provisionTime = Duration.ofMinutes(5);
    simulation.declare(withSteps("web", "long"));
    untilProvisioning();
    simulation.timeline.pass(Duration.ofMinutes(1));
    simulation.world.hypervisor.silent = true;
    simulation.engine.wake(WEB);
    simulation.timeline.pass(Duration.ofSeconds(10));
    simulation.world.hypervisor.silent = false;
    simulation.timeline.pass(Duration.ofMinutes(4));
    simulation.untilReady("web");
    assertThat(simulation.world.guests.provisionings).isEqualTo(1);
  }

  @Test
  void anEditThatIsTakenBackBeforeItSettlesDoesNotEndAProvisioning() {
    simulation.world.guests.provisionTime = Duration.ofMinutes(5);
    simulation.declare(withSteps("web", "long"));
    untilProvisioning();
    simulation.declare(
        vm(
            "web",
            values -> {
              values.put(VmFields.PROVISION, withSteps("web", "long").spec().provision());
              values.put(VmFields.MEMORY, 512L);
            }));
    simulation.timeline.pass(Duration.ofSeconds(1));
    simulation.declare(withSteps("web", "long"));
    simulation.timeline.pass(Duration.ofMinutes(6));
    simulation.untilReady("web");
    assertThat(simulation.world.guests.provisionings).isEqualTo(1);
  }

  @Test
  void aCrashIsHealedAtOnceAlthoughAnEditHasStalled() {
    simulation.declare(vm("web"));
    simulation.untilReady("web");
    simulation.world.fault =
        call -> {
          if (call.equals("checkAvailable")) {
            throw new VmException(ErrorCode.CAPABILITY_MISSING, "no", "wait");
          }
        };
    simulation.declare(vm("web", values -> values.put(VmFields.MEMORY, 512L)));
    simulation.timeline.pass(Duration.ofSeconds(5));
    assertThat(simulation.failure("web").code()).isEqualTo("backend.capability_missing");
    simulation.world.fault = call -> {};
    simulation.world.kill(simulation.record("web").uuid());
    simulation.timeline.pass(Duration.ofSeconds(1));
    assertThat(simulation.isUp("web")).isTrue();
  }
}
