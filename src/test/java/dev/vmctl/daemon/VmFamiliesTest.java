package dev.vmctl.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmctl.controller.EngineStats;
import dev.vmctl.host.ProcessUse;
import dev.vmctl.model.VmName;
import dev.vmctl.model.VmState;
import io.prometheus.client.Collector.MetricFamilySamples;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class VmFamiliesTest {
  private static EngineStats.Vm vm(String name, String backend, VmState state, @Nullable Long pid) {
    return new EngineStats.Vm(
        new VmName(name), backend, "/srv", state, true, 0, false, false, 1, 1 << 20, pid);
  }

  private static MetricFamilySamples family(VmFamilies families, String name) {
    return families.families().stream()
        .filter(family -> family.name.equals(name))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void moreVmsThanAScraperShouldBearAreCountedNotNamed() {
    List<EngineStats.Vm> many =
        IntStream.range(0, VmFamilies.MOST + 7)
            .mapToObj(i -> vm("vm-" + i, "noop", VmState.RUNNING, null))
            .toList();
    VmFamilies families = new VmFamilies(many, pid -> Optional.empty());
    assertThat(family(families, "vmctl_vms_left_out").samples.getFirst().value).isEqualTo(7);
    assertThat(families.families())
        .allSatisfy(family -> assertThat(family.samples).hasSizeLessThanOrEqualTo(VmFamilies.MOST));
  }

  @Test
  void theProcessOfEachIsReadOnceAndOneThatIsGoneHasNoSeries() {
    VmFamilies families =
        new VmFamilies(
            List.of(
                vm("a", "qemu", VmState.RUNNING, 1L),
                vm("b", "qemu", VmState.RUNNING, 2L),
                vm("c", "noop", VmState.RUNNING, null)),
            pid ->
                pid == 1
                    ? Optional.of(
                        new ProcessUse(250, 4096, 10, 20, new ProcessUse.Network(100, 30)))
                    : Optional.empty());
    assertThat(family(families, "vmctl_vm_cpu_seconds").samples)
        .singleElement()
        .satisfies(
            sample -> {
              assertThat(sample.labelValues).containsExactly("a");
              assertThat(sample.value).isEqualTo(2.5);
            });
    assertThat(family(families, "vmctl_vm_network_sent_bytes").samples.getFirst().value)
        .isEqualTo(30);
    assertThat(family(families, "vmctl_vm_ready").samples).hasSize(3);
  }

  @Test
  void aBackendIsSilentWhenNoneOfItsVmsCanBeToldOf() {
    EngineStats stats =
        new EngineStats(
            true,
            0,
            List.of(
                vm("a", "qemu", VmState.UNKNOWN, null),
                vm("b", "qemu", VmState.RUNNING, 2L),
                vm("c", "propolis", VmState.UNKNOWN, null)),
            List.of(),
            new EngineStats.Host(0, 0, 0, 0));
    assertThat(stats.silentBackends()).containsExactly("propolis");
  }
}
