package dev.vmctl.hypervisor.noop;

import dev.vmctl.hypervisor.ConsoleEndpoint;
import dev.vmctl.hypervisor.Hypervisor;
import dev.vmctl.hypervisor.Launch;
import dev.vmctl.hypervisor.Observation;
import dev.vmctl.hypervisor.VmHandle;
import dev.vmctl.model.BackendTag;
import dev.vmctl.model.ExitReason;
import dev.vmctl.model.LaunchFacts;
import dev.vmctl.model.VmFields;
import dev.vmctl.model.VmName;
import dev.vmctl.model.VmSpec;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Guests that exist in memory only: they run until stopped, and are gone with the process. */
public final class NoopHypervisor implements Hypervisor {
  private final Map<UUID, Observation> guests = new ConcurrentHashMap<>();
  private final Map<UUID, LaunchFacts> starts = new ConcurrentHashMap<>();
  private final AtomicLong processes = new AtomicLong();
  private volatile Consumer<VmName> wake = name -> {};

  @Override
  public BackendTag backend() {
    return BackendTag.NOOP;
  }

  @Override
  public void checkAvailable() {
    // Always is.
  }

  @Override
  public void checkDeclared(VmSpec declared, @Nullable VmSpec running) {}

  @Override
  public void onWake(Consumer<VmName> whom) {
    wake = whom;
  }

  @Override
  public Observation observe(VmHandle vm) {
    return guests.getOrDefault(vm.uuid(), new Observation.Absent());
  }

  @Override
  public Observation peek(VmHandle vm, Duration deadline) {
    return observe(vm);
  }

  @Override
  public LaunchFacts start(Launch launch) {
    long process = processes.incrementAndGet();
    guests.put(launch.vm().uuid(), new Observation.Running(process));
    VmSpec spec = launch.spec();
    LaunchFacts found = facts(spec, process);
    starts.put(launch.vm().uuid(), found);
    return found;
  }

  @Override
  public Optional<LaunchFacts> recall(VmHandle vm) {
    return Optional.ofNullable(starts.get(vm.uuid()));
  }

  private static LaunchFacts facts(VmSpec spec, long process) {
    return new LaunchFacts(
        "",
        "",
        null,
        "",
        Objects.requireNonNull(VmFields.VCPUS.effective(spec)),
        Objects.requireNonNull(VmFields.MEMORY.effective(spec)),
        null,
        null,
        process,
        process,
        "");
  }

  @Override
  public CompletableFuture<Void> stop(VmHandle vm, Duration grace) {
    kill(vm);
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public void kill(VmHandle vm) {
    guests.remove(vm.uuid());
  }

  @Override
  public void reap(VmHandle vm) {
    guests.remove(vm.uuid());
  }

  @Override
  public void suspend(VmHandle vm) {
    guests.computeIfPresent(
        vm.uuid(),
        (id, seen) ->
            seen instanceof Observation.Running(long pid) ? new Observation.Suspended(pid) : seen);
  }

  @Override
  public void resume(VmHandle vm) {
    guests.computeIfPresent(
        vm.uuid(),
        (id, seen) ->
            seen instanceof Observation.Suspended(long pid) ? new Observation.Running(pid) : seen);
  }

  /** What a guest does by itself, for tests: ends for this reason. */
  public void end(VmName name, UUID uuid, ExitReason reason) {
    guests.put(uuid, new Observation.Exited(reason));
    wake.accept(name);
  }

  /** What befalls a hypervisor's process, for tests: it is gone. */
  public void crash(VmName name, UUID uuid) {
    guests.remove(uuid);
    wake.accept(name);
  }

  @Override
  public ConsoleEndpoint console(VmHandle vm) {
    return new ConsoleEndpoint.None();
  }

  @Override
  public void release(VmHandle vm) {
    starts.remove(vm.uuid());
  }

  @Override
  public void close() {
    // The guests end with this object.
  }
}
