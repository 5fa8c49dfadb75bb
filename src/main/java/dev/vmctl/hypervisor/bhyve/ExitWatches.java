package dev.vmctl.hypervisor.bhyve;

import dev.vmctl.host.ExitWatch;
import dev.vmctl.host.HostProcess;
import dev.vmctl.host.HostProcesses;
import dev.vmctl.hypervisor.VmHandle;
import dev.vmctl.model.VmName;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;

/** Wakes the engine when the process of a VM ends: one watch a VM. */
final class ExitWatches {
  private final HostProcesses processes;
  private final Map<UUID, Watched> watched = new HashMap<>();
  private volatile Consumer<VmName> wake = name -> {};

  ExitWatches(HostProcesses processes) {
    this.processes = processes;
  }

  private record Watched(HostProcess process, ExitWatch watch) {}

  void onWake(Consumer<VmName> listener) {
    wake = listener;
  }

  /** Watches this process of this VM, and no earlier one. */
  synchronized void watch(VmHandle vm, HostProcess process) {
    Watched before = watched.get(vm.uuid());
    if (before != null && before.process.equals(process)) {
      return;
    }
    drop(vm);
    ExitWatch watch = processes.watchExit(process, () -> wake.accept(vm.name()));
    watched.put(vm.uuid(), new Watched(process, watch));
  }

  synchronized void drop(VmHandle vm) {
    Watched before = watched.remove(vm.uuid());
    if (before != null) {
      before.watch.close();
    }
  }

  synchronized void close() {
    watched.values().forEach(each -> each.watch.close());
    watched.clear();
  }
}
