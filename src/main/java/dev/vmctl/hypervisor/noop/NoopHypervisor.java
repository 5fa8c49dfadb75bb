package dev.vmctl.hypervisor.noop;

import dev.vmctl.hypervisor.ConsoleEndpoint;
import dev.vmctl.hypervisor.GuestSnapshot;
import dev.vmctl.hypervisor.Hypervisor;
import dev.vmctl.hypervisor.Launch;
import dev.vmctl.hypervisor.Observation;
import dev.vmctl.hypervisor.VmHandle;
import dev.vmctl.model.BackendTag;
import dev.vmctl.model.LaunchFacts;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmFields;
import dev.vmctl.model.VmName;
import dev.vmctl.model.VmSpec;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Guests that do nothing: they run until stopped. That they run is written in a file of the run
 * directory, as with a real hypervisor it is in a process: other vmctl processes see it, and it
 * outlives this one.
 */
public final class NoopHypervisor implements Hypervisor {
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
    // These guests do nothing by themselves.
  }

  @Override
  public Observation observe(VmHandle vm) {
    try {
      return NoopGuest.read(vm)
          .map(NoopGuest::observation)
          .orElseGet(() -> new Observation.Absent());
    } catch (VmException e) {
      return new Observation.Unknown(e.getMessage());
    }
  }

  @Override
  public Observation peek(VmHandle vm, Duration deadline) {
    return observe(vm);
  }

  @Override
  public LaunchFacts start(Launch launch) {
    VmSpec spec = launch.spec();
    NoopGuest guest =
        new NoopGuest(
            launch.memory() == null ? NoopGuest.State.RUNNING : NoopGuest.State.SUSPENDED,
            NoopGuest.read(launch.vm()).map(NoopGuest::number).orElse(0L) + 1,
            Objects.requireNonNull(VmFields.VCPUS.effective(spec)),
            Objects.requireNonNull(VmFields.MEMORY.effective(spec)));
    guest.write(launch.vm());
    return guest.facts();
  }

  @Override
  public Optional<LaunchFacts> recall(VmHandle vm) {
    return NoopGuest.read(vm).map(NoopGuest::facts);
  }

  @Override
  public CompletableFuture<Void> stop(VmHandle vm, Duration grace) {
    kill(vm);
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public void kill(VmHandle vm) {
    NoopGuest.read(vm).ifPresent(guest -> guest.as(NoopGuest.State.STOPPED).write(vm));
  }

  @Override
  public void reap(VmHandle vm) {
    kill(vm);
  }

  @Override
  public void suspend(VmHandle vm) {
    change(vm, NoopGuest.State.RUNNING, NoopGuest.State.SUSPENDED);
  }

  @Override
  public void resume(VmHandle vm) {
    change(vm, NoopGuest.State.SUSPENDED, NoopGuest.State.RUNNING);
  }

  /** There is nothing to keep of a guest that does nothing. */
  @Override
  public CompletableFuture<Void> snapshot(VmHandle vm, GuestSnapshot wanted) {
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public CompletableFuture<Void> deleteSnapshot(VmHandle vm, GuestSnapshot unwanted) {
    return CompletableFuture.completedFuture(null);
  }

  private static void change(VmHandle vm, NoopGuest.State from, NoopGuest.State to) {
    NoopGuest.read(vm)
        .filter(guest -> guest.state() == from)
        .ifPresent(guest -> guest.as(to).write(vm));
  }

  @Override
  public ConsoleEndpoint console(VmHandle vm) {
    return new ConsoleEndpoint.None();
  }

  @Override
  public void release(VmHandle vm) {
    NoopGuest.forget(vm);
  }

  @Override
  public void close() {
    // The guests run on.
  }
}
