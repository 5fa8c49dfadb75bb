package dev.vmctl.controller;

import static dev.vmctl.controller.Simulation.vm;
import static dev.vmctl.controller.Simulation.withSteps;
import static org.assertj.core.api.Assertions.assertThat;

import dev.vmctl.api.CloneRequest;
import dev.vmctl.api.CloneView;
import dev.vmctl.api.VmStatus;
import dev.vmctl.disk.Disks;
import dev.vmctl.model.ForwardSpec;
import dev.vmctl.model.VmFields;
import dev.vmctl.model.VmName;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Moments of VMs that other VMs are made of. */
class CloneTest extends SnapshotFixture {
  @Test
  void aCloneOfARunningGuestIsAVmOfItsOwn() {
    ForwardSpec forward = new ForwardSpec(ForwardSpec.Protocol.TCP, "127.0.0.1", 8080, 80);
    simulation.declare(
        withSteps("web", "true"),
        vm("other", values -> values.put(VmFields.FORWARD, List.of(forward))));
    simulation.untilReady("web", "other");
    work("before");

    CloneView view = simulation.vmctl.cloneVm(WEB, new CloneRequest(COPY, null, true));
    work("after");
    pass();
    simulation.untilReady("copy");

    assertThat(view.notes()).isEmpty();
    assertThat(simulation.record("copy").uuid()).isNotEqualTo(simulation.record("web").uuid());
    assertThat(simulation.record("copy").mac()).isNotEqualTo(simulation.record("web").mac());
    assertThat(simulation.disk("copy")).isNotEqualTo(simulation.disk("web"));
    assertThat(simulation.process("copy").memory).as("it boots").isEqualTo("booted");
    assertThat(simulation.world.guests.provisionings).as("its steps have run").isEqualTo(1);
    assertThat(names()).as("what was taken to be copied is gone").isEmpty();
    assertThat(simulation.record("web").hasTask()).isFalse();
    assertThat(
            simulation
                .vmctl
                .cloneVm(new VmName("other"), new CloneRequest(new VmName("second"), null, false))
                .notes())
        .singleElement()
        .asString()
        .contains("ports");
  }

  @Test
  void aCloneOfASnapshotHasWhatWasThenAndIsHeldStopped() {
    work("before");
    take("clean", true);
    work("after");
    simulation.vmctl.cloneVm(WEB, new CloneRequest(COPY, "clean", false));
    pass();
    assertThat(simulation.status("copy").summary().state()).isEqualTo("stopped");
    assertThat(
            Objects.requireNonNull(
                    simulation.world.disks.files.get(
                        directory.resolve("vms/copy").resolve(Disks.OVERLAY)))
                .written)
        .containsExactly("before");
    assertThat(names()).containsExactly("clean");
    simulation.vmctl.reload(COPY, true);
    simulation.untilReady("copy");
    assertThat(simulation.process("copy").memory).isEqualTo("booted");
  }

  @Test
  void aCloneWhoseOriginIsGoneSaysSo() {
    take("clean", true);
    simulation.world.disks.copyTime = Duration.ofHours(1);
    simulation.vmctl.cloneVm(WEB, new CloneRequest(COPY, "clean", true));
    simulation.timeline.pass(Duration.ofSeconds(5));
    simulation.vmctl.deleteSnapshot(WEB, "clean");
    simulation.timeline.pass(Duration.ofSeconds(5));
    simulation.restart();
    pass();
    VmStatus.Failure failure = simulation.failure("copy");
    assertThat(failure.code()).isEqualTo("disk.missing");
    assertThat(failure.help()).contains("clone again");
    assertThat(simulation.isReady("web")).isTrue();
  }
}
