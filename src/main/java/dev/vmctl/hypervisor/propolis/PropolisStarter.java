package dev.vmctl.hypervisor.propolis;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vmctl.host.AtomicFiles;
import dev.vmctl.host.HostFacts;
import dev.vmctl.hypervisor.Launch;
import dev.vmctl.hypervisor.LaunchNote;
import dev.vmctl.hypervisor.VmHandle;
import dev.vmctl.hypervisor.propolis.ServerZones.Nic;
import dev.vmctl.hypervisor.propolis.ServerZones.ServerZone;
import dev.vmctl.model.BackendTag;
import dev.vmctl.model.Capabilities.Capability;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.Field;
import dev.vmctl.model.LaunchFacts;
import dev.vmctl.model.NetworkSpec;
import dev.vmctl.model.Unsupported;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmFields;
import dev.vmctl.model.VmSpec;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Makes a zone, its server and the instance in it, and sees the guest run. */
final class PropolisStarter {
  private final ServerZones zones;
  private final PropolisServers servers;
  private final HostFacts facts;
  private final PropolisSettings settings;
  private final LaunchNote note = new LaunchNote();

  PropolisStarter(
      ServerZones zones, PropolisServers servers, HostFacts facts, PropolisSettings settings) {
    this.zones = zones;
    this.servers = servers;
    this.facts = facts;
    this.settings = settings;
  }

  LaunchFacts start(Launch launch) throws InterruptedException {
    VmHandle vm = launch.vm();
    Nic nic = nic(launch);
    Guest guest = guest(launch, nic);
    // Before anything is made: what the server would never take.
    JsonNode request = InstanceSpec.request(guest, settings.apiVersion());
    zones.remove(vm);
    try {
      return start(launch, guest, nic, request);
    } catch (Refusal e) {
      VmException failure = e.failure(settings.apiVersion());
      clear(vm, failure);
      throw failure;
    } catch (InterruptedException | RuntimeException e) {
      clear(vm, e);
      throw e;
    }
  }

  private LaunchFacts start(Launch launch, Guest guest, @Nullable Nic nic, JsonNode request)
      throws Refusal, InterruptedException {
    VmHandle vm = launch.vm();
    Path seed = guest.seed() instanceof Guest.Seed.InFile ? launch.seed() : null;
    ServerZone zone = zones.make(new ServerZones.Wanted(vm, guest.disk(), nic, seed));
    PropolisClient client = servers.client(address(vm, zone));
    Deadline deadline = new Deadline(settings.start());
    awaitServer(client, deadline);
    ensure(client, vm, request, deadline);
    LaunchFacts found = facts(launch.spec(), zone, client);
    note.write(vm, found);
    run(client, vm, deadline);
    return found;
  }

  /** Leaves nothing running; a failure to clear away must not hide why. */
  private void clear(VmHandle vm, Exception why) {
    try {
      zones.remove(vm);
    } catch (VmException e) {
      why.addSuppressed(e);
    }
  }

  private static InetSocketAddress address(VmHandle vm, ServerZone zone) {
    return Objects.requireNonNull(zone.server(), vm.name() + " has a zone without an address");
  }

  private Guest guest(Launch launch, @Nullable Nic nic) {
    VmSpec spec = launch.spec();
    return new Guest(
        launch.vm().uuid(),
        launch.vm().name().value(),
        effective(VmFields.VCPUS, spec),
        effective(VmFields.MEMORY, spec),
        Objects.requireNonNull(launch.disk(), "a propolis VM has a disk"),
        seed(launch.seed()),
        nic == null ? null : nic.vnic(),
        settings.host());
  }

  private Guest.@Nullable Seed seed(@Nullable Path file) {
    if (file == null) {
      return null;
    }
    try {
      boolean inRequest =
          switch (settings.seed()) {
            case AUTO -> InstanceSpec.fitsIntoRequest(Files.size(file));
            case BLOB -> true;
            case FILE -> false;
          };
      return inRequest
          ? new Guest.Seed.Blob(Files.readAllBytes(file))
          : new Guest.Seed.InFile(ServerZones.seedInZone());
    } catch (IOException e) {
      throw AtomicFiles.failure("read the seed", file, e);
    }
  }

  /** Without a declared network the guest gets a VNIC of its own on the usual link. */
  private static @Nullable Nic nic(Launch launch) {
    return switch (launch.spec().network()) {
      case null -> new Nic(ServerZones.guestVnic(launch.vm()), launch.mac());
      case NetworkSpec.Vnic vnic -> new Nic(vnic.name(), launch.mac());
      case NetworkSpec.None none -> null;
      case NetworkSpec.User user ->
          throw Unsupported.refusal(Capability.USER_NETWORK, BackendTag.PROPOLIS);
      case NetworkSpec.Private lan ->
          throw Unsupported.refusal(Capability.PRIVATE_NETWORK, BackendTag.PROPOLIS);
      case NetworkSpec.Tap tap ->
          throw Unsupported.refusal(Capability.TAP_NETWORK, BackendTag.PROPOLIS);
    };
  }

  /** The zone is up before its server listens. */
  private void awaitServer(PropolisClient client, Deadline deadline) throws InterruptedException {
    while (true) {
      try {
        client.instance(settings.answer());
        return;
      } catch (VmException e) {
        if (e.code() != ErrorCode.PROPOLIS_UNREACHABLE || deadline.isOver()) {
          throw e;
        }
      }
      TimeUnit.MILLISECONDS.sleep(50);
    }
  }

  /** Looks first: a request whose answer was lost may have been carried out. */
  private void ensure(PropolisClient client, VmHandle vm, JsonNode request, Deadline deadline)
      throws Refusal, InterruptedException {
    try {
      client.ensure(request, deadline.left());
    } catch (Refusal e) {
      if (!e.isConflict() || !isThere(client, vm)) {
        throw e;
      }
    } catch (VmException e) {
      boolean lost =
          e.code() == ErrorCode.PROPOLIS_FAILED || e.code() == ErrorCode.PROPOLIS_TIMEOUT;
      if (!lost || !isThere(client, vm)) {
        throw e;
      }
    }
  }

  private boolean isThere(PropolisClient client, VmHandle vm) throws InterruptedException {
    Optional<Instance> instance = client.instance(settings.answer());
    return instance.filter(found -> found.id().equals(vm.uuid())).isPresent()
        && !instance.get().state().isOver();
  }

  private void run(PropolisClient client, VmHandle vm, Deadline deadline)
      throws Refusal, InterruptedException {
    client.request(RequestedState.RUN, deadline.atMost(settings.answer()));
    Instance.Change change = client.monitor(0, deadline.atMost(settings.answer()));
    while (change.state() == InstanceState.CREATING || change.state() == InstanceState.STARTING) {
      change = client.monitor(change.generation() + 1, deadline.left());
    }
    if (change.state().isOver()) {
      throw new VmException(
          ErrorCode.PROPOLIS_FAILED,
          "propolis-server could not start "
              + vm.name()
              + ": its instance went to "
              + change.state(),
          "the server's log in the VM's zone says why; it is tried again by itself");
    }
  }

  private LaunchFacts facts(VmSpec spec, ServerZone zone, PropolisClient client) {
    return new LaunchFacts(
        "",
        "",
        null,
        "",
        effective(VmFields.VCPUS, spec),
        effective(VmFields.MEMORY, spec),
        null,
        client.screenAddress().toString(),
        zone.number().orElse(0),
        0,
        facts.bootId());
  }

  private static <T> T effective(Field<T> field, VmSpec spec) {
    return Objects.requireNonNull(field.effective(spec), field.path());
  }

  /** A moment until which everything has to be done. */
  private static final class Deadline {
    private final long end;

    Deadline(Duration within) {
      end = System.nanoTime() + within.toNanos();
    }

    boolean isOver() {
      return end - System.nanoTime() <= 0;
    }

    Duration left() {
      return Duration.ofNanos(Math.max(end - System.nanoTime(), 1_000_000));
    }

    Duration atMost(Duration usual) {
      return usual.compareTo(left()) < 0 ? usual : left();
    }
  }
}
