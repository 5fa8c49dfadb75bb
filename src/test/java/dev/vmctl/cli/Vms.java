package dev.vmctl.cli;

import dev.vmctl.api.SampleViews;
import dev.vmctl.api.VmStatus;
import dev.vmctl.api.VmSummary;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** VMs for tests. */
final class Vms {
  static final Instant NOON = SampleViews.NOON;

  private Vms() {}

  static VmStatus ready(String name) {
    return vm(name, "running", true, "", true, null, 0);
  }

  static VmStatus busy(String name, String activity) {
    return vm(name, "running", false, activity, false, null, 1);
  }

  static VmStatus stopped(String name) {
    return vm(name, "stopped", false, "", true, null, 0);
  }

  static VmStatus in(String name, String state) {
    return vm(name, state, true, "", true, null, 0);
  }

  static VmStatus withScreen(String name, String vnc) {
    VmStatus vm = ready(name);
    return with(vm, vm.summary(), vnc);
  }

  static VmStatus withPid(String name, long pid) {
    VmStatus vm = withScreen(name, "127.0.0.1:5900");
    VmSummary of = vm.summary();
    VmSummary summary =
        new VmSummary(
            name,
            of.state(),
            of.ready(),
            of.backend(),
            of.vcpus(),
            of.memoryMb(),
            of.network(),
            pid,
            of.sshPort(),
            of.source(),
            of.supervised());
    return with(vm, summary, vm.vnc());
  }

  private static VmStatus with(VmStatus vm, VmSummary summary, @Nullable String vnc) {
    return new VmStatus(
        summary,
        vm.uuid(),
        vm.generation(),
        vm.observedGeneration(),
        vm.conditions(),
        vm.holds(),
        vm.restarts(),
        vm.provision(),
        vm.accel(),
        vm.accelReason(),
        vm.machine(),
        vm.mac(),
        vnc,
        vm.diskBytes(),
        vm.paths(),
        vm.activity(),
        vm.settled(),
        vm.commit(),
        vm.failure(),
        vm.shares(),
        vm.policy(),
        vm.guest(),
        vm.fields());
  }

  static VmStatus failed(String name, String code, String message) {
    return vm(
        name, "failed", false, "", true, new VmStatus.Failure(code, message, "look at it"), 1);
  }

  static VmStatus vm(
      String name,
      String state,
      boolean ready,
      String activity,
      boolean settled,
      VmStatus.@Nullable Failure failure,
      int steps) {
    boolean runs = state.equals("running");
    return new VmStatus(
        new VmSummary(
            name,
            state,
            ready,
            "qemu",
            2,
            2048,
            "user",
            runs ? 4711L : null,
            runs ? 2222 : null,
            "/srv/VMFile.kdl",
            true,
            name.equals("web") ? Map.of("tier", "front", "example.org/stage", "test") : Map.of(),
            null,
            null,
            false),
        "6a1c0f3e-0000-4000-8000-000000000001",
        4,
        settled ? 4 : 3,
        List.of(
            new VmStatus.ConditionView(
                "Ready", ready ? "True" : "False", ready ? "Ready" : "NotReady", "", 4, NOON)),
        List.of(),
        2,
        new VmStatus.ProvisionView(ready, "sha256:00", steps),
        "tcg",
        "KVM hangs here",
        "pc-q35-7.2",
        "52:54:00:00:00:01",
        null,
        10_737_418_240L,
        Map.of("directory", "/data/vms/" + name, "disk", "/data/vms/" + name + "/overlay.qcow2"),
        activity,
        settled,
        null,
        failure,
        List.of(),
        new VmStatus.PolicyView("on-failure", "ssh, tcp 5432", "", List.of("db until ready"), null),
        new VmStatus.GuestView("web", "Debian GNU/Linux 12", List.of("eth0 10.0.2.15")));
  }
}
