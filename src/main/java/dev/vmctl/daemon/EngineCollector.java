package dev.vmctl.daemon;

import dev.vmctl.Version;
import dev.vmctl.controller.EngineStats;
import dev.vmctl.model.VmState;
import io.prometheus.client.Collector;
import io.prometheus.client.CounterMetricFamily;
import io.prometheus.client.GaugeMetricFamily;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Tells a scraper what the engine says of itself at that moment. Nothing is kept between scrapes,
 * so the series of a VM that is gone are gone with it.
 */
final class EngineCollector extends Collector implements Collector.Describable {
  private static final List<String> VM = List.of("vm");

  private final Supplier<EngineStats> stats;

  EngineCollector(Supplier<EngineStats> stats) {
    this.stats = stats;
  }

  @Override
  public List<MetricFamilySamples> collect() {
    return families(stats.get());
  }

  /** The names alone; the registry asks while there is no engine yet. */
  @Override
  public List<MetricFamilySamples> describe() {
    return families(new EngineStats(false, 0, List.of(), List.of()));
  }

  private static List<MetricFamilySamples> families(EngineStats now) {
    return List.of(build(), depth(now), states(now), ready(now), info(now), restarts(now), up(now));
  }

  private static MetricFamilySamples build() {
    return new GaugeMetricFamily("vmctl_build_info", "The version that runs", List.of("version"))
        .addMetric(List.of(Version.CURRENT), 1);
  }

  private static MetricFamilySamples depth(EngineStats now) {
    return new GaugeMetricFamily(
        "vmctl_queue_depth", "VMs that wait for a worker", now.queueDepth());
  }

  private static MetricFamilySamples states(EngineStats now) {
    Map<VmState, Long> counts =
        now.vms().stream()
            .collect(
                Collectors.groupingBy(
                    EngineStats.Vm::state,
                    () -> new EnumMap<>(VmState.class),
                    Collectors.counting()));
    GaugeMetricFamily family =
        new GaugeMetricFamily(
            "vmctl_vms", "VMs by what they are seen to be doing", List.of("state"));
    Arrays.stream(VmState.values())
        .forEach(state -> family.addMetric(List.of(state.text()), counts.getOrDefault(state, 0L)));
    return family;
  }

  private static MetricFamilySamples ready(EngineStats now) {
    GaugeMetricFamily family =
        new GaugeMetricFamily("vmctl_vm_ready", "1 while the VM's Ready condition holds", VM);
    now.vms().forEach(vm -> family.addMetric(List.of(vm.name().value()), vm.ready() ? 1 : 0));
    return family;
  }

  private static MetricFamilySamples info(EngineStats now) {
    GaugeMetricFamily family =
        new GaugeMetricFamily(
            "vmctl_vm_info",
            "What a VM runs on and where it is declared",
            List.of("vm", "backend", "source"));
    now.vms()
        .forEach(vm -> family.addMetric(List.of(vm.name().value(), vm.backend(), vm.source()), 1));
    return family;
  }

  private static MetricFamilySamples restarts(EngineStats now) {
    CounterMetricFamily family =
        new CounterMetricFamily(
            "vmctl_vm_restarts_total", "How often a VM was brought back after a crash", VM);
    now.vms().forEach(vm -> family.addMetric(List.of(vm.name().value()), vm.restarts()));
    return family;
  }

  private static MetricFamilySamples up(EngineStats now) {
    GaugeMetricFamily family =
        new GaugeMetricFamily(
            "vmctl_source_up",
            "1 while the last reading of a source told what it declares",
            List.of("source"));
    now.sources().forEach(source -> family.addMetric(List.of(source.name()), source.up() ? 1 : 0));
    return family;
  }
}
