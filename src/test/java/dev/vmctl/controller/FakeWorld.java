package dev.vmctl.controller;

import dev.vmctl.host.HostRoom;
import dev.vmctl.model.ExitReason;
import dev.vmctl.workqueue.VirtualTimeline;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * A host with images, disks, processes and guests that exist in memory, on virtual time. It goes on
 * when an engine is gone, and it keeps the rules that a real one has: no disk is made twice, none
 * is opened by two processes, nothing starts without a disk.
 */
final class FakeWorld implements HostRoom {
  final VirtualTimeline timeline;
  final FakeImages images = new FakeImages(this);
  final FakeDisks disks = new FakeDisks(this);
  final FakeHypervisor hypervisor = new FakeHypervisor(this);
  final FakeGuests guests = new FakeGuests(this);

  /** Rules that were broken. */
  final List<String> violations = new ArrayList<>();

  /** Throws at each call of a port if it wants to; for fault tests. */
  Consumer<String> fault = call -> {};

  /** Whether the engine was killed. */
  boolean killed;

  volatile long freeDiskBytes = 100L << 30;

  /** Of the host, in MiB: what guests have been given is gone. */
  long memoryMb = 1 << 20;

  FakeWorld(VirtualTimeline timeline) {
    this.timeline = timeline;
  }

  @Override
  public long totalMemoryBytes() {
    return memoryMb << 20;
  }

  @Override
  public long freeDiskBytes(Path path) {
    return freeDiskBytes;
  }

  @Override
  public long freeMemoryBytes() {
    long given =
        hypervisor.processes.values().stream().mapToLong(each -> each.facts.memoryMb()).sum();
    return Math.max(0, memoryMb - given) << 20;
  }

  /** What the guest of a VM does: it remembers that, and writes it to its disk. */
  void work(UUID vm, String what) {
    FakeProcess process = Objects.requireNonNull(hypervisor.processes.get(vm));
    if (process.frozen) {
      throw new AssertionError("it is frozen");
    }
    process.memory = what;
    disks.at(process.disk).written.add(what);
  }

  /** The process of a VM dies. */
  void kill(UUID vm) {
    FakeProcess gone = hypervisor.processes.remove(vm);
    if (gone != null) {
      hypervisor.wake(gone.name);
    }
  }

  /** The guest of a VM ends by itself. */
  void end(UUID vm, ExitReason reason) {
    FakeProcess process = hypervisor.processes.get(vm);
    if (process != null) {
      process.ended = reason;
      hypervisor.wake(process.name);
    }
  }

  /** Kills the engine at the first such call. */
  void killEngineAt(String cut) {
    fault =
        call -> {
          if (call.equals(cut) && !killed) {
            killed = true;
            throw new Killed();
          }
        };
  }

  /** What stands for SIGKILL: nothing of ours catches it. */
  static final class Killed extends Error {
    private static final long serialVersionUID = 1L;
  }

  /** What a port that takes its time gives back. */
  <T> CompletableFuture<T> later(Duration delay, Supplier<T> result) {
    CompletableFuture<T> future = new CompletableFuture<>();
    timeline.schedule(
        delay,
        () -> {
          if (!future.isDone()) {
            try {
              future.complete(result.get());
            } catch (RuntimeException e) {
              future.completeExceptionally(e);
            }
          }
        });
    return future;
  }
}
