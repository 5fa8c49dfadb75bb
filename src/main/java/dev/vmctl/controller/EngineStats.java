package dev.vmctl.controller;

import dev.vmctl.model.VmName;
import dev.vmctl.model.VmState;
import java.util.List;
import java.util.Objects;

/**
 * What an engine can say of itself without asking any hypervisor: quick enough for every scrape.
 *
 * @param alive whether the loop takes work; false once it is closed or its workers have died
 * @param queueDepth how many VMs wait for a worker, the delayed ones not counted
 */
public record EngineStats(boolean alive, int queueDepth, List<Vm> vms, List<Source> sources) {
  public EngineStats {
    if (queueDepth < 0) {
      throw new IllegalArgumentException("queue depth " + queueDepth);
    }
    vms = List.copyOf(vms);
    sources = List.copyOf(sources);
  }

  /**
   * A VM as it was last observed.
   *
   * @param source where it is declared, as shown to people
   * @param restarts how often it was brought back after a crash
   */
  public record Vm(
      VmName name, String backend, String source, VmState state, boolean ready, int restarts) {
    public Vm {
      Objects.requireNonNull(name);
      Objects.requireNonNull(backend);
      Objects.requireNonNull(source);
      Objects.requireNonNull(state);
    }
  }

  /**
   * A source the engine watches.
   *
   * @param up whether its last reading told what it declares
   */
  public record Source(String name, boolean up) {
    public Source {
      Objects.requireNonNull(name);
    }
  }
}
