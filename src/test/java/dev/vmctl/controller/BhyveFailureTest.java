package dev.vmctl.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmctl.faults.Area;
import dev.vmctl.faults.Fault;
import dev.vmctl.faults.Seen;
import dev.vmctl.host.fake.HostCrash;
import dev.vmctl.hypervisor.LaunchNote;
import dev.vmctl.hypervisor.VmHandle;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.LaunchFacts;
import dev.vmctl.model.NetworkSpec;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmFields;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What stands in the way of bhyve VMs, what is not ours, and crashes at every command. */
class BhyveFailureTest extends BhyveFixture {
  @Test
  @Fault(area = Area.BACKENDS, value = "a bhyve VM that is not ours has the VM's name")
  void aVmOfTheKernelThatIsNotOursIsNeverTouched(Seen seen) {
    simulation.host.freebsd.addVm("web");
    simulation.up(simulation.vm("web"));
    fails(ErrorCode.BHYVE_FOREIGN, "that vmctl did not start");
    seen.says(failure());
    assertThat(simulation.host.freebsd.vms).containsKey("web");
    assertThat(simulation.host.log).noneMatch(line -> line.startsWith("bhyvectl"));
    simulation.vmctl.destroy(WEB, true);
    simulation.settle();
    assertThat(simulation.exists("web")).isFalse();
    assertThat(simulation.host.freebsd.vms).containsKey("web");
    assertThat(simulation.host.log).noneMatch(line -> line.startsWith("bhyvectl"));
  }

  @Test
  void aVmOfOthersThatCameAfterAStartOfOursWasCutOffIsNotTakenForOurs() {
    simulation.up(simulation.vm("web"));
    simulation.untilReady("web");
    VmHandle handle = simulation.engine.observing().handle(simulation.record("web"));
    LaunchFacts facts = Objects.requireNonNull(handle.facts());
    simulation.vmctl.stop(WEB, Duration.ofSeconds(10));
    simulation.settle();
    // As a crash leaves it between the note and bhyve.
    new LaunchNote().write(handle, facts);
    simulation.host.freebsd.addVm("web");
    simulation.changes();
    simulation.vmctl.start(WEB);
    fails(ErrorCode.BHYVE_FOREIGN, "that vmctl did not start");
    assertThat(simulation.changes()).isEmpty();
    assertThat(simulation.host.freebsd.vms).containsKey("web");
  }

  @Test
  void anInterfaceOrDatasetOfOurNameThatIsNotOursIsLeftAlone() {
    simulation.up(simulation.vm("web"));
    simulation.untilReady("web");
    simulation.vmctl.stop(WEB, Duration.ofSeconds(10));
    simulation.settle();
    simulation.host.freebsd.addBridge(tap("web"));
    simulation.vmctl.start(WEB);
    fails(ErrorCode.NETWORK_FAILED, "is not the tap of web");
    assertThat(Objects.requireNonNull(simulation.host.freebsd.interfaces.get(tap("web"))).group)
        .isEqualTo("bridge");
    simulation.host.freebsd.interfaces.remove(tap("web"));
    simulation.untilReady("web");
  }

  @Test
  void whatStandsInTheWayHasACodeAndAHelp() {
    simulation.up(
        simulation.vm("web", values -> values.put(VmFields.NETWORK, new NetworkSpec.Tap("br9"))));
    fails(ErrorCode.NETWORK_FAILED, "br9");
    assertThat(simulation.taps()).isEmpty();
    simulation.host.freebsd.upOnOpen = 0;
    simulation.up(simulation.vm("web"));
    fails(ErrorCode.NETWORK_FAILED, "net.link.tap.up_on_open=0");
    simulation.host.freebsd.upOnOpen = 1;
    simulation.host.freebsd.modules.remove("vmm");
    simulation.vmctl.reload(WEB, false);
    fails(ErrorCode.BACKEND_NOT_AVAILABLE, "kernel module vmm");
    simulation.host.freebsd.modules.add("vmm");
    simulation.engine.resync();
    simulation.untilReady("web");
  }

  @Test
  @Fault(area = Area.BACKENDS, value = "suspend, which bhyve and propolis cannot do")
  void suspendIsRefusedBeforeAnythingRuns(Seen seen) {
    simulation.up(simulation.vm("web"));
    simulation.untilReady("web");
    simulation.changes();
    assertThatThrownBy(() -> simulation.vmctl.suspend(WEB))
        .isInstanceOfSatisfying(
            VmException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.CAPABILITY_MISSING);
              seen.failed(e);
            })
        .hasMessage("suspend is not supported by bhyve");
    simulation.settle();
    assertThat(simulation.changes()).isEmpty();
    assertThat(simulation.host.running()).isEqualTo(1);
  }

  @Test
  @Fault(area = Area.BACKENDS, value = "bhyve does not start")
  void aBhyveThatDoesNotStartSaysWhyAndLeavesNothing(Seen seen) {
    simulation.up(simulation.vm("web"));
    simulation.untilReady("web");
    simulation.vmctl.stop(WEB, Duration.ofSeconds(10));
    simulation.settle();
    simulation.host.zfs.device(disk("web")).toFile().delete();
    simulation.vmctl.start(WEB);
    fails(ErrorCode.BHYVE_START_FAILED, "Could not open backing file");
    seen.calling(disk("web"), "<volume>").says(failure());
    assertThat(simulation.host.running()).isZero();
    assertThat(simulation.taps()).isEmpty();
    assertThat(simulation.host.freebsd.vms).isEmpty();
  }

  /** Up, an edit, a reload, a stop, a start, a destroy; calls back between them. */
  private static void live(HostSimulation simulation, Runnable between) {
    List<Runnable> life =
        List.of(
            () -> simulation.up(simulation.vm("web")),
            () -> simulation.up(simulation.vm("web", v -> v.put(VmFields.MEMORY, 1024L))),
            () -> simulation.vmctl.reload(WEB, false),
            () -> simulation.vmctl.stop(WEB, Duration.ofSeconds(10)),
            () -> simulation.vmctl.start(WEB),
            () -> simulation.vmctl.destroy(WEB, true));
    for (Runnable step : life) {
      try {
        step.run();
        simulation.settle();
      } catch (HostCrash e) {
        simulation.restart();
        simulation.settle();
      }
      between.run();
    }
  }

  static Stream<Arguments> cuts(@TempDir Path directory) {
    HostSimulation calm = new HostSimulation(directory);
    calm.host.crashAt(-1, false);
    live(calm, () -> {});
    return IntStream.range(0, calm.host.calm())
        .boxed()
        .flatMap(step -> Stream.of(Arguments.of(step, false), Arguments.of(step, true)));
  }

  @ParameterizedTest
  @MethodSource("cuts")
  void aCrashAtAnyCommandLeavesWhatTheNextRunRepairs(int step, boolean after) {
    simulation.host.crashAt(step, after);
    live(
        simulation,
        () -> {
          boolean wanted = simulation.exists("web") && simulation.record("web").holds().isEmpty();
          assertThat(simulation.host.running()).isEqualTo(wanted ? 1 : 0);
          assertThat(simulation.taps()).hasSize(wanted ? 1 : 0);
          assertThat(simulation.host.freebsd.vms).hasSize(wanted ? 1 : 0);
          if (wanted) {
            assertThat(simulation.isReady("web")).isTrue();
            assertThat(simulation.disks()).contains(disk("web"));
          }
        });
    assertThat(simulation.exists("web")).isFalse();
    simulation.vmctl.emptyTrash(List.of());
    simulation.engine.expireTrash();
    assertThat(simulation.disks()).isEmpty();
    assertThat(simulation.host.zfs.datasets).containsKey(SNAPSHOT);
  }
}
