package dev.vmctl.hypervisor.propolis;

import dev.vmctl.host.Log;
import dev.vmctl.hypervisor.VmHandle;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;

/** Ends guests: asked over SSH, then by their server, then with their zone. */
final class PropolisStopper {
  private static final System.Logger log = Log.of(PropolisStopper.class);

  private final ServerZones zones;
  private final PropolisServers servers;
  private final PropolisGuests addresses;
  private final GuestShutdown guests;
  private final PropolisSettings settings;

  PropolisStopper(
      ServerZones zones,
      PropolisServers servers,
      PropolisGuests addresses,
      GuestShutdown guests,
      PropolisSettings settings) {
    this.zones = zones;
    this.servers = servers;
    this.addresses = addresses;
    this.guests = guests;
    this.settings = settings;
  }

  void stop(VmHandle vm, Duration grace) throws InterruptedException {
    Optional<PropolisClient> client = servers.client(vm);
    if (client.isPresent()) {
      try {
        if (!grace.isZero() && isRunning(client.get(), vm)) {
          ask(client.get(), vm, grace);
        }
        end(client.get(), vm);
      } catch (VmException e) {
        // A server that cannot be spoken with is ended all the same, with its zone.
        log.log(
            System.Logger.Level.INFO,
            "{0}: its server cannot be asked to stop it, its zone is halted: {1}",
            vm.name(),
            e.getMessage());
      }
    }
    zones.remove(vm);
  }

  /** Halting the zone ends its processes; none of them is asked. */
  void kill(VmHandle vm) {
    zones.remove(vm);
  }

  private boolean isRunning(PropolisClient client, VmHandle vm) throws InterruptedException {
    return client
        .instance(settings.answer())
        .filter(instance -> instance.id().equals(vm.uuid()))
        .filter(instance -> instance.state() == InstanceState.RUNNING)
        .isPresent();
  }

  private void ask(PropolisClient client, VmHandle vm, Duration grace) throws InterruptedException {
    long end = System.nanoTime() + grace.toNanos();
    try {
      Optional<InetSocketAddress> ssh = addresses.ssh(vm);
      if (ssh.isEmpty()) {
        return;
      }
      guests.ask(vm, ssh.get(), grace);
    } catch (VmException e) {
      log.log(
          System.Logger.Level.INFO,
          "{0}: its guest cannot be asked to shut down, it is stopped hard: {1}",
          vm.name(),
          e.getMessage());
      return;
    }
    awaitEnd(client, Duration.ofNanos(end - System.nanoTime()));
  }

  private void end(PropolisClient client, VmHandle vm) throws InterruptedException {
    Optional<Instance> instance = client.instance(settings.answer());
    if (instance.isEmpty()
        || instance.get().state().isOver()
        || !instance.get().id().equals(vm.uuid())) {
      return;
    }
    try {
      client.request(RequestedState.STOP, settings.answer());
    } catch (Refusal e) {
      if (!e.isNoInstance()) {
        throw client.failure(e);
      }
      return;
    }
    if (!awaitEnd(client, settings.end())) {
      log.log(
          System.Logger.Level.WARNING,
          "{0}: its server did not end it within {1}; its zone is halted",
          vm.name(),
          settings.end());
    }
  }

  /** Whether the instance is over, waiting for that. */
  private boolean awaitEnd(PropolisClient client, Duration within) throws InterruptedException {
    long end = System.nanoTime() + within.toNanos();
    long next = 0;
    try {
      while (true) {
        long left = end - System.nanoTime();
        if (left <= 0) {
          return false;
        }
        Instance.Change change = client.monitor(next, Duration.ofNanos(left));
        if (change.state().isOver()) {
          return true;
        }
        next = change.generation() + 1;
      }
    } catch (Refusal e) {
      if (e.isGone() || e.isNoInstance()) {
        return true;
      }
      throw client.failure(e);
    } catch (VmException e) {
      if (e.code() == ErrorCode.PROPOLIS_TIMEOUT) {
        return false;
      }
      throw e;
    }
  }
}
