package dev.vmctl.controller;

import dev.vmctl.model.VmName;
import dev.vmctl.model.VmState;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What an engine can say of itself without asking any hypervisor: quick enough for every scrape.
 *
 * @param alive whether the loop takes work; false once it is closed or its workers hang
 * @param queueDepth how many VMs wait for a worker, the delayed ones not counted
 */
public record EngineStats(
    boolean alive, int queueDepth, List<Vm> vms, List<Source> sources, Host host) {
  public EngineStats {
    if (queueDepth < 0) {
      throw new IllegalArgumentException("queue depth " + queueDepth);
    }
    vms = List.copyOf(vms);
    sources = List.copyOf(sources);
    Objects.requireNonNull(host);
  }

  /** The backends that have VMs here and do not tell of any of them how it is. */
  public List<String> silentBackends() {
    return vms.stream()
        .map(Vm::backend)
        .distinct()
        .filter(
            backend ->
                vms.stream()
                    .filter(vm -> vm.backend().equals(backend))
                    .allMatch(vm -> vm.state() == VmState.UNKNOWN))
        .sorted()
        .toList();
  }

  /**
   * A VM as it was last observed.
   *
   * @param source where it is declared, as shown to people
   * @param restarts how often it was brought back after a crash
   * @param drifted whether what runs is not what is declared
   * @param pid of the process that it is; null when it does not run or has none here
   */
  public record Vm(
      VmName name,
      String backend,
      String source,
      VmState state,
      boolean ready,
      int restarts,
      boolean drifted,
      boolean held,
      int vcpus,
      long memoryBytes,
      @Nullable Long pid) {
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
   * @param current whether what is in force is the newest that is known of
   * @param reachedAt when a remote one was reached last; null for others, and before that
   */
  public record Source(String name, boolean up, boolean current, @Nullable Instant reachedAt) {
    public Source {
      Objects.requireNonNull(name);
    }
  }

  /**
   * What there is of the host.
   *
   * @param images in the cache
   * @param imageBytes that these take on the disk
   */
  public record Host(long freeMemoryBytes, long freeDiskBytes, int images, long imageBytes) {}
}
