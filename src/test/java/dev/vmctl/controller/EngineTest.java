package dev.vmctl.controller;

import static dev.vmctl.controller.Simulation.vm;
import static dev.vmctl.controller.Simulation.withSteps;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmctl.api.EventQuery;
import dev.vmctl.api.VmStatus;
import dev.vmctl.api.VmStatus.ConditionView;
import dev.vmctl.image.ImageProgress;
import dev.vmctl.model.Declaration;
import dev.vmctl.model.FieldValues;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmFields;
import dev.vmctl.model.VmSpec;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** A declared VM becomes one that runs, does what it is told, and outlives its engine. */
class EngineTest extends SimulationFixture {
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
    return simulation.condition("web", "Ready");
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
  void whatMayBeSecretInTheUrlOfAnImageIsShownNowhere() {
    String url = "https://ann:canary@example.org/a.qcow2?token=canary";
    simulation.world.images.present.add(url);
    VmSpec spec = VmSpec.of(WEB, new FieldValues().with(VmFields.IMAGE_URL, url));
    simulation.up(new Declaration(spec, Simulation.FILE, 1, Map.of()));
    simulation.untilReady("web");

    assertThat(simulation.vmctl.events(new EventQuery(null, null)).events().toString())
        .contains("made its disk on https://example.org/a.qcow2?withheld")
        .doesNotContain("canary");
    assertThat(simulation.status("web").toString()).doesNotContain("canary");
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
}
