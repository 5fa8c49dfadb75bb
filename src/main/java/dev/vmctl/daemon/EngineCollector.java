package dev.vmctl.daemon;

import dev.vmctl.Version;
import dev.vmctl.controller.EngineStats;
import dev.vmctl.host.ProcessUse;
import dev.vmctl.model.VmState;
import io.prometheus.client.Collector;
import io.prometheus.client.GaugeMetricFamily;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
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
  private static final Path PROC = Path.of("/proc");
  private static final Path SYS = Path.of("/sys");

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
    return families(
        new EngineStats(false, 0, List.of(), List.of(), new EngineStats.Host(0, 0, 0, 0)));
  }

  private static List<MetricFamilySamples> families(EngineStats now) {
    List<MetricFamilySamples> families = new ArrayList<>();
    families.add(build());
    families.add(depth(now));
    families.add(states(now));
    families.addAll(new VmFamilies(now.vms(), pid -> ProcessUse.of(PROC, SYS, pid)).families());
    families.addAll(sources(now));
    families.addAll(host(now.host()));
    return families;
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

  private static List<MetricFamilySamples> sources(EngineStats now) {
    List<String> label = List.of("source");
    GaugeMetricFamily up =
        new GaugeMetricFamily(
            "vmctl_source_up", "1 while the last reading of a source told what it declares", label);
    GaugeMetricFamily current =
        new GaugeMetricFamily(
            "vmctl_source_current",
            "1 while the newest that is known of a source is in force",
            label);
    GaugeMetricFamily reached =
        new GaugeMetricFamily(
            "vmctl_source_reached_timestamp_seconds",
            "When a remote source was reached last",
            label);
    for (EngineStats.Source source : now.sources()) {
      List<String> name = List.of(source.name());
      up.addMetric(name, source.up() ? 1 : 0);
      current.addMetric(name, source.current() ? 1 : 0);
      Instant at = source.reachedAt();
      if (at != null) {
        reached.addMetric(name, at.toEpochMilli() / 1000.0);
      }
    }
    return List.of(up, current, reached);
  }

  private static List<MetricFamilySamples> host(EngineStats.Host host) {
    return List.of(
        new GaugeMetricFamily(
            "vmctl_host_memory_free_bytes",
            "Memory of the host that a VM could be given",
            host.freeMemoryBytes()),
        new GaugeMetricFamily(
            "vmctl_host_disk_free_bytes",
            "Space left where the data directory is",
            host.freeDiskBytes()),
        new GaugeMetricFamily("vmctl_image_cache_images", "Images in the cache", host.images()),
        new GaugeMetricFamily(
            "vmctl_image_cache_bytes", "What the cached images take", host.imageBytes()));
  }
}
