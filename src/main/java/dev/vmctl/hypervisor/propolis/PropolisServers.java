package dev.vmctl.hypervisor.propolis;

import dev.vmctl.hypervisor.Observation;
import dev.vmctl.hypervisor.VmHandle;
import dev.vmctl.hypervisor.propolis.ServerZones.ServerZone;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.ExitReason;
import dev.vmctl.model.LaunchFacts;
import dev.vmctl.model.VmException;
import java.net.InetSocketAddress;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Finds VMs' servers and says what they are doing. */
final class PropolisServers {
  private final ServerZones zones;
  private final PropolisSettings settings;
  private final String bootId;

  /** Made when a server is first spoken to: its classes are most of what a short command loads. */
  private @Nullable HttpClient http;

  /**
   * @param bootId the host's present boot
   */
  PropolisServers(ServerZones zones, PropolisSettings settings, String bootId) {
    this.zones = zones;
    this.settings = settings;
    this.bootId = bootId;
  }

  synchronized void close() {
    if (http != null) {
      http.shutdownNow();
    }
  }

  PropolisClient client(InetSocketAddress server) {
    return new PropolisClient(http(), server, settings.apiVersion());
  }

  private synchronized HttpClient http() {
    if (http == null) {
      http = PropolisClient.http(settings.answer());
    }
    return http;
  }

  /** Speaks with the VM's server; empty when it has none, or none that can be addressed. */
  Optional<PropolisClient> client(VmHandle vm) {
    return zones
        .find(vm)
        .filter(ServerZone::isUp)
        .flatMap(zone -> Optional.ofNullable(zone.server()))
        .map(this::client);
  }

  /** As {@link #client(VmHandle)}, as of the last look. */
  Optional<PropolisClient> lastSeen(VmHandle vm) {
    return zones.lastSeen(vm).flatMap(zone -> Optional.ofNullable(zone.server())).map(this::client);
  }

  /** What the package's table says. */
  Observation look(VmHandle vm, Duration deadline) throws InterruptedException {
    Optional<ServerZone> found;
    try {
      found = zones.find(vm);
    } catch (VmException e) {
      return new Observation.Unknown("the zones of this host: " + e.getMessage());
    }
    if (found.isEmpty()) {
      return new Observation.Absent();
    }
    ServerZone zone = found.get();
    InetSocketAddress server = zone.server();
    if (!zone.isUp() || server == null) {
      return new Observation.Exited(whyNotUp(vm));
    }
    try {
      return client(server)
          .instance(deadline)
          .map(instance -> seen(vm, zone, instance))
          .orElseGet(() -> new Observation.Exited(ExitReason.CRASH));
    } catch (VmException e) {
      // Nobody listens: the server is gone, and with it its guest. Anything else may pass.
      return e.code() == ErrorCode.PROPOLIS_UNREACHABLE
          ? new Observation.Exited(ExitReason.CRASH)
          : new Observation.Unknown(e.getMessage());
    }
  }

  /** The zone goes down with its server; a host that boots brings none of them up again. */
  private ExitReason whyNotUp(VmHandle vm) {
    LaunchFacts last = vm.facts();
    return last == null || last.bootId().equals(bootId) ? ExitReason.CRASH : ExitReason.STOPPED;
  }

  private static Observation seen(VmHandle vm, ServerZone zone, Instance instance) {
    if (!instance.id().equals(vm.uuid())) {
      return new Observation.Unknown(
          "the server at " + zone.server() + " runs another VM, " + instance.id());
    }
    return switch (instance.state()) {
      // Not running yet: a start broke off, and what it was given may be out of date.
      case CREATING -> new Observation.Exited(ExitReason.CRASH);
      case STARTING, RUNNING, STOPPING, REBOOTING, MIGRATING, REPAIRING ->
          new Observation.Running(zone.number().orElse(0));
      case STOPPED, DESTROYED -> new Observation.Exited(ExitReason.GUEST_SHUTDOWN);
      case FAILED -> new Observation.Exited(ExitReason.CRASH);
    };
  }
}
