package dev.vmctl.daemon;

import dev.vmctl.controller.EngineStats;
import dev.vmctl.host.ProcessUse;
import io.prometheus.client.Collector.MetricFamilySamples;
import io.prometheus.client.CounterMetricFamily;
import io.prometheus.client.GaugeMetricFamily;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * What is told of each VM. A host with more VMs than {@value #MOST} tells of the first by name, and
 * how many it leaves out: a slip in a template must not cost a scraper its memory.
 */
final class VmFamilies {
  static final int MOST = 2_000;

  private static final List<String> VM = List.of("vm");
  private static final double TICKS_A_SECOND = 100;

  /** A VM, and what its process has used since it was started; null when it has none here. */
  private record Told(EngineStats.Vm vm, @Nullable ProcessUse use) {}

  private final List<Told> vms;
  private final int leftOut;

  /**
   * @param use what a process has used; empty when it is gone
   */
  VmFamilies(List<EngineStats.Vm> all, Function<Long, Optional<ProcessUse>> use) {
    leftOut = Math.max(0, all.size() - MOST);
    vms =
        all.stream()
            .sorted(Comparator.comparing(vm -> vm.name().value()))
            .limit(MOST)
            .map(vm -> new Told(vm, vm.pid() == null ? null : use.apply(vm.pid()).orElse(null)))
            .toList();
  }

  List<MetricFamilySamples> families() {
    List<MetricFamilySamples> families = new ArrayList<>();
    families.add(
        new GaugeMetricFamily(
            "vmctl_vms_left_out", "VMs of which nothing is told one by one", leftOut));
    families.add(info());
    families.add(state());
    families.add(gauge("ready", "1 while the VM's Ready condition holds", vm -> bit(vm.ready())));
    families.add(
        gauge("drifted", "1 while a VM is not as it is declared", vm -> bit(vm.drifted())));
    families.add(gauge("held", "1 while somebody holds a VM as it is", vm -> bit(vm.held())));
    families.add(gauge("vcpus", "Processors of a VM", EngineStats.Vm::vcpus));
    families.add(gauge("memory_bytes", "Memory a VM is given", EngineStats.Vm::memoryBytes));
    CounterMetricFamily restarts =
        counter("restarts", "How often a VM was brought back after a crash");
    vms.forEach(each -> restarts.addMetric(name(each), each.vm().restarts()));
    families.add(restarts);
    families.addAll(usage());
    return families;
  }

  private MetricFamilySamples info() {
    GaugeMetricFamily family =
        new GaugeMetricFamily(
            "vmctl_vm_info",
            "What a VM runs on and where it is declared",
            List.of("vm", "backend", "source"));
    for (Told each : vms) {
      EngineStats.Vm vm = each.vm();
      family.addMetric(List.of(vm.name().value(), vm.backend(), vm.source()), 1);
    }
    return family;
  }

  private MetricFamilySamples state() {
    GaugeMetricFamily family =
        new GaugeMetricFamily(
            "vmctl_vm_state",
            "1 for what a VM is seen to be doing; other states have no series",
            List.of("vm", "state"));
    vms.forEach(
        each -> family.addMetric(List.of(each.vm().name().value(), each.vm().state().text()), 1));
    return family;
  }

  private List<MetricFamilySamples> usage() {
    GaugeMetricFamily resident =
        new GaugeMetricFamily(
            "vmctl_vm_memory_resident_bytes", "Memory of the host that a VM has taken", VM);
    vms.stream()
        .filter(each -> each.use() != null)
        .forEach(each -> resident.addMetric(name(each), (double) each.use().memoryBytes()));
    return List.of(
        resident,
        used("cpu_seconds", "Processor time of a VM", use -> use.cpuTicks() / TICKS_A_SECOND),
        used("disk_read_bytes", "What a VM has had fetched from disks", ProcessUse::readBytes),
        used("disk_written_bytes", "What a VM has had written to disks", ProcessUse::writtenBytes),
        traffic("network_received_bytes", "received", ProcessUse.Network::received),
        traffic("network_sent_bytes", "sent", ProcessUse.Network::sent));
  }

  private MetricFamilySamples gauge(
      String name, String help, ToDoubleFunction<EngineStats.Vm> value) {
    GaugeMetricFamily family = new GaugeMetricFamily("vmctl_vm_" + name, help, VM);
    vms.forEach(each -> family.addMetric(name(each), value.applyAsDouble(each.vm())));
    return family;
  }

  private MetricFamilySamples used(String name, String help, ToDoubleFunction<ProcessUse> value) {
    CounterMetricFamily family = counter(name, help);
    for (Told each : vms) {
      if (each.use() != null) {
        family.addMetric(name(each), value.applyAsDouble(each.use()));
      }
    }
    return family;
  }

  private MetricFamilySamples traffic(
      String name, String done, ToDoubleFunction<ProcessUse.Network> value) {
    CounterMetricFamily family =
        counter(name, "Network traffic " + done + " by a VM on a tap; nobody counts the rest");
    for (Told each : vms) {
      ProcessUse.Network network = each.use() == null ? null : each.use().network();
      if (network != null) {
        family.addMetric(name(each), value.applyAsDouble(network));
      }
    }
    return family;
  }

  private static CounterMetricFamily counter(String name, String help) {
    return new CounterMetricFamily("vmctl_vm_" + name + "_total", help, VM);
  }

  private static List<String> name(Told each) {
    return List.of(each.vm().name().value());
  }

  private static double bit(boolean holds) {
    return holds ? 1 : 0;
  }
}
