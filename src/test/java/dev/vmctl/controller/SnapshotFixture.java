package dev.vmctl.controller;

import static dev.vmctl.controller.Simulation.vm;
import static org.assertj.core.api.Assertions.assertThat;

import dev.vmctl.api.ApplyRequest;
import dev.vmctl.api.ApplyRequest.Provisioning;
import dev.vmctl.api.PlanView;
import dev.vmctl.api.SnapshotRequest;
import dev.vmctl.api.SnapshotView;
import dev.vmctl.disk.Disks;
import dev.vmctl.model.Declaration;
import dev.vmctl.model.VmName;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;

/** A VM that is ready, and the commands that keep its moments and go back to them. */
abstract class SnapshotFixture extends SimulationFixture {
  static final VmName COPY = new VmName("copy");
  static final Duration GRACE = Duration.ofSeconds(5);

  SnapshotFixture() {
    super(21);
  }

  @BeforeEach
  void start() {
    simulation.declare(vm("web"));
    simulation.untilReady("web");
  }

  void pass() {
    simulation.timeline.pass(Duration.ofSeconds(30));
  }

  void work(String what) {
    simulation.world.work(simulation.record("web").uuid(), what);
  }

  List<String> written() {
    return Objects.requireNonNull(
            simulation.world.disks.files.get(directory.resolve("vms/web").resolve(Disks.OVERLAY)))
        .written;
  }

  void take(String name, boolean diskOnly) {
    simulation.vmctl.takeSnapshot(WEB, new SnapshotRequest(name, diskOnly, false));
    pass();
  }

  void restore(String name, boolean diskOnly, boolean start) {
    simulation.vmctl.restoreSnapshot(WEB, new SnapshotRequest(name, diskOnly, start));
    pass();
  }

  void stop() {
    simulation.vmctl.stop(WEB, GRACE);
    pass();
  }

  List<String> names() {
    return simulation.vmctl.snapshots(WEB).snapshots().stream().map(SnapshotView::name).toList();
  }

  void assertNothingToDo() {
    simulation.declare(simulation.declared.toArray(Declaration[]::new));
    pass();
    PlanView plan =
        simulation.vmctl.plan(
            new ApplyRequest(
                Simulation.DIRECTORY,
                simulation.declared,
                Set.of(),
                false,
                false,
                Provisioning.AS_NEEDED));
    assertThat(plan.vms()).allMatch(each -> each.action().equals("none"), "nothing to do");
  }
}
