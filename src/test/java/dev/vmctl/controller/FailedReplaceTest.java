package dev.vmctl.controller;

import static dev.vmctl.controller.Simulation.vm;
import static org.assertj.core.api.Assertions.assertThat;

import dev.vmctl.model.Declaration;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.ExitReason;
import dev.vmctl.model.OnFailedReplace;
import dev.vmctl.model.PolicyFields;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmFields;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A VM that is not ready in time on a new disk. */
class FailedReplaceTest extends SimulationFixture {
  private UUID disk = new UUID(0, 0);

  FailedReplaceTest() {
    super(12);
  }

  @BeforeEach
  void start() {
    simulation.world.images.present.add("/images/b.qcow2");
  }

  private static Declaration on(String image, OnFailedReplace way) {
    return vm(
        "web",
        values -> {
          values.put(VmFields.IMAGE, Path.of(image));
          values.put(PolicyFields.ON_FAILED_REPLACE, way);
        });
  }

  private void up(OnFailedReplace way) {
    simulation.declare(on("/images/base.qcow2", way));
    simulation.untilReady("web");
    disk = simulation.disk("web");
    simulation.world.guests.notReady =
        new VmException(ErrorCode.GUEST_NOT_READY, "it says nothing", "look at its console");
  }

  private void pass() {
    simulation.timeline.pass(Duration.ofSeconds(30));
  }

  private String ready() {
    return simulation.condition("web", "Ready").message();
  }

  private long told() {
    return simulation.events().stream().filter("ReplaceFailed"::equals).count();
  }

  @Test
  void theWayBackIsOffered() {
    up(OnFailedReplace.OFFER);
    simulation.declare(on("/images/b.qcow2", OnFailedReplace.OFFER));
    pass();
    assertThat(ready()).contains("it says nothing", "vmctl rollback web --to 1");
    assertThat(simulation.disk("web")).isNotEqualTo(disk);
    simulation.timeline.pass(Duration.ofMinutes(5));
    assertThat(told()).as("told once").isEqualTo(1);

    simulation.world.guests.notReady = null;
    simulation.vmctl.rollback(WEB, 1L);
    pass();
    simulation.untilReady("web");
    assertThat(simulation.disk("web")).isEqualTo(disk);
    assertThat(ready()).isEmpty();
  }

  @Test
  void theWayBackIsTakenByPolicy() {
    up(OnFailedReplace.RESTORE);
    simulation.world.images.importTime = Duration.ofSeconds(2);
    simulation.declare(on("/images/b.qcow2", OnFailedReplace.RESTORE));
    simulation.timeline.until(() -> told() > 0, Duration.ofMinutes(20));
    simulation.world.guests.notReady = null;
    pass();
    simulation.untilReady("web");

    assertThat(simulation.disk("web")).isEqualTo(disk);
    assertThat(simulation.status("web").summary().pinned()).isEqualTo(1);
    simulation.declare(on("/images/b.qcow2", OnFailedReplace.RESTORE));
    simulation.timeline.pass(Duration.ofMinutes(5));
    assertThat(simulation.disk("web")).as("not again before the next edit").isEqualTo(disk);
  }

  /** It was sent back again and again while its guest was being stopped for that. */
  @Test
  void theWayBackIsTakenOnce() {
    up(OnFailedReplace.RESTORE);
    simulation.world.guests.notReady = null;
    simulation.world.guests.bootTime = Duration.ofHours(1);
    simulation.declare(on("/images/b.qcow2", OnFailedReplace.RESTORE));
    for (int minute = 0; minute < 25 && told() == 0; minute++) {
      pass();
      simulation.world.end(simulation.record("web").uuid(), ExitReason.GUEST_PANIC);
      pass();
    }
    simulation.world.guests.bootTime = Duration.ofSeconds(1);
    simulation.world.end(simulation.record("web").uuid(), ExitReason.GUEST_PANIC);
    simulation.timeline.pass(Duration.ofMinutes(10));

    assertThat(simulation.disk("web")).isEqualTo(disk);
    assertThat(simulation.record("web").desired().generation()).isEqualTo(3);
    assertThat(told()).isEqualTo(1);
  }

  @Test
  void aGuestThatKeepsEndingIsLateToo() {
    up(OnFailedReplace.OFFER);
    simulation.world.guests.bootTime = Duration.ofHours(1);
    simulation.declare(on("/images/b.qcow2", OnFailedReplace.OFFER));
    for (int minute = 0; minute < 25; minute++) {
      pass();
      simulation.world.end(simulation.record("web").uuid(), ExitReason.GUEST_PANIC);
      pass();
    }
    assertThat(told()).isEqualTo(1);
    assertThat(ready()).contains("vmctl rollback web --to 1");
  }

  @Test
  void afterAReloadTheOldDiskIsOffered() {
    up(OnFailedReplace.OFFER);
    simulation.vmctl.reload(WEB, true);
    pass();
    assertThat(ready()).contains("vmctl trash restore web-" + disk);
  }

  @Test
  void aReloadIsUndoneByPolicy() {
    up(OnFailedReplace.RESTORE);
    simulation.vmctl.reload(WEB, true);
    simulation.timeline.until(() -> told() > 0, Duration.ofMinutes(20));
    simulation.world.guests.notReady = null;
    pass();
    simulation.untilReady("web");
    assertThat(simulation.disk("web")).isEqualTo(disk);
    assertThat(simulation.status("web").summary().pinned()).isNull();
  }

  @Test
  void aReplacementThatIsReadyOffersNothing() {
    up(OnFailedReplace.RESTORE);
    simulation.world.guests.notReady = null;
    simulation.declare(on("/images/b.qcow2", OnFailedReplace.RESTORE));
    pass();
    simulation.untilReady("web");
    assertThat(simulation.record("web").replaced()).isNull();
    assertThat(told()).isZero();
  }

  @Test
  void whereTheOldDiskIsGoneNothingIsOffered() {
    up(OnFailedReplace.RESTORE);
    simulation.declare(on("/images/b.qcow2", OnFailedReplace.RESTORE));
    simulation.timeline.until(() -> !simulation.world.disks.trash.isEmpty(), Duration.ofMinutes(1));
    simulation.vmctl.emptyTrash(List.of());
    pass();
    assertThat(told()).isEqualTo(1);
    assertThat(ready()).doesNotContain("rollback");
    assertThat(simulation.disk("web")).isNotEqualTo(disk);
  }
}
