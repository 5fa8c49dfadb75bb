package dev.vmctl.hypervisor.propolis;

import dev.vmctl.hypervisor.VmHandle;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * Waits at each server for the next change of its instance, to wake who is interested. A wake-up
 * that is missed costs a resync: a watch that breaks ends, and the next look begins another.
 */
final class StateWatches {
  /** The server itself never ends a wait; this only notices one that is not there any more. */
  private static final Duration LONGEST = Duration.ofMinutes(2);

  private final Map<UUID, Thread> watches = new ConcurrentHashMap<>();
  private volatile Consumer<VmName> wake = name -> {};

  void onWake(Consumer<VmName> whom) {
    wake = whom;
  }

  /** Watches from now on, if it is not watched already. */
  void watch(VmHandle vm, PropolisClient client) {
    watches.computeIfAbsent(
        vm.uuid(),
        id -> Thread.ofVirtual().name("watch-" + vm.name()).start(() -> watch(vm, id, client)));
  }

  private void watch(VmHandle vm, UUID id, PropolisClient client) {
    try {
      follow(client, vm);
    } catch (InterruptedException e) {
      // Released: nobody is interested any more.
      return;
    } finally {
      watches.remove(id, Thread.currentThread());
    }
    wake.accept(vm.name());
  }

  private void follow(PropolisClient client, VmHandle vm) throws InterruptedException {
    long next = 0;
    boolean first = true;
    while (true) {
      try {
        Instance.Change change = client.monitor(next, LONGEST);
        if (!first) {
          wake.accept(vm.name());
        }
        first = false;
        if (change.state().isOver()) {
          return;
        }
        next = change.generation() + 1;
      } catch (Refusal e) {
        return;
      } catch (VmException e) {
        if (e.code() != ErrorCode.PROPOLIS_TIMEOUT) {
          return;
        }
      }
    }
  }

  void forget(VmHandle vm) {
    Thread watch = watches.remove(vm.uuid());
    if (watch != null) {
      watch.interrupt();
    }
  }

  void close() {
    watches.values().forEach(Thread::interrupt);
  }
}
