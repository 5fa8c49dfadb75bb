package dev.vmctl.controller;

import dev.vmctl.model.VmName;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The runtime state of every VM. */
final class VmRuntimes {
  private final Map<VmName, VmRuntime> all = new ConcurrentHashMap<>();

  VmRuntime of(VmName name) {
    return all.computeIfAbsent(name, n -> new VmRuntime());
  }

  void forget(VmName name) {
    all.remove(name);
  }

  Collection<VmRuntime> all() {
    return all.values();
  }
}
