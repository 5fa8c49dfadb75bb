package dev.vmctl.controller;

import dev.vmctl.guest.GuestAccess;
import dev.vmctl.guest.GuestShares;
import dev.vmctl.guest.SshTarget;
import dev.vmctl.host.HostProcess;
import dev.vmctl.hypervisor.Hypervisor;
import dev.vmctl.hypervisor.VmHandle;
import dev.vmctl.model.Capabilities.Capability;
import dev.vmctl.model.ForwardSpec;
import dev.vmctl.model.LaunchFacts;
import dev.vmctl.model.ProbeCheck;
import dev.vmctl.model.ShareSpec;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmSpec;
import dev.vmctl.store.Applied;
import dev.vmctl.store.VmRecord;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** Finds the ways into a guest. */
final class Reaching {
  private final Observing observing;

  Reaching(Observing observing) {
    this.observing = observing;
  }

  /**
   * The ways into a guest that runs.
   *
   * @param deadline how long to try to connect by SSH
   * @throws VmException network.ip_discovery_timeout when its address is not known yet
   */
  GuestAccess access(VmRecord record, Hypervisor hypervisor, Duration deadline) {
    VmHandle vm = observing.handle(record);
    VmSpec spec = record.desired().spec();
    Optional<InetSocketAddress> server =
        isReachable(spec, hypervisor) && needsNetwork(spec) ? hypervisor.ssh(vm) : Optional.empty();
    return access(record, hypervisor, deadline, server);
  }

  /**
   * The same where it is known already where its SSH server would listen.
   *
   * @param server empty when no network leads there
   */
  GuestAccess access(
      VmRecord record,
      Hypervisor hypervisor,
      Duration deadline,
      Optional<InetSocketAddress> server) {
    VmHandle vm = observing.handle(record);
    VmSpec spec = record.desired().spec();
    SshTarget ssh =
        server
            .filter(address -> hasSshServer(spec))
            .map(address -> ssh(record, spec, address, vm.directory(), deadline))
            .orElse(null);
    InetAddress address =
        server
            .map(InetSocketAddress::getAddress)
            .filter(known -> !known.isLoopbackAddress())
            .orElse(null);
    Map<Integer, InetSocketAddress> forwards = new HashMap<>();
    for (ForwardSpec forward : Observing.specThatRuns(record).forwards()) {
      if (forward.protocol() == ForwardSpec.Protocol.TCP) {
        forwards.put(
            forward.guestPort(), new InetSocketAddress(bound(forward), forward.hostPort()));
      }
    }
    return new GuestAccess(
        record.name(), vm.directory(), ssh, address, forwards, hypervisor.agent(vm).orElse(null));
  }

  /** The directories that the guest that runs is to have. */
  static GuestShares shares(VmRecord record) {
    Applied applied = record.applied();
    LaunchFacts facts = applied == null ? null : applied.facts();
    if (applied == null || facts == null || facts.shares().isEmpty()) {
      return GuestShares.NONE;
    }
    return new GuestShares(
        facts.shares(),
        applied.spec().shares(),
        new HostProcess(facts.pid(), facts.processStart()));
  }

  VmHandle handle(VmRecord record) {
    return observing.handle(record);
  }

  /** The way to the SSH server; empty when nothing says that it has one, or nothing leads there. */
  Optional<SshTarget> ssh(VmRecord record, Hypervisor hypervisor, Duration deadline) {
    VmSpec spec = record.desired().spec();
    VmHandle vm = observing.handle(record);
    return hasWayIn(spec, hypervisor)
        ? hypervisor.ssh(vm).map(address -> ssh(record, spec, address, vm.directory(), deadline))
        : Optional.empty();
  }

  /** A guest that others have set up has a host key that nobody knows before the first time. */
  static SshTarget ssh(
      VmRecord record, VmSpec spec, InetSocketAddress address, Path directory, Duration deadline) {
    String host = address.getAddress().getHostAddress();
    SshTarget target = SshTarget.of(spec, host, address.getPort(), directory, deadline);
    return record.isAdopted(record.desired().diskId()) ? target.trusting() : target;
  }

  /** Whether something says that it has an SSH server, which a network leads to. */
  static boolean hasWayIn(VmSpec spec, Hypervisor hypervisor) {
    return hasSshServer(spec) && isReachable(spec, hypervisor);
  }

  private static boolean isReachable(VmSpec spec, Hypervisor hypervisor) {
    return hypervisor.capabilities().has(Capability.GUEST) && !spec.networks().isEmpty();
  }

  static boolean hasSshServer(VmSpec spec) {
    return spec.ssh() != null
        || spec.cloudInit() != null
        || !spec.provision().isEmpty()
        || spec.shares().stream().anyMatch(share -> share.via() == ShareSpec.Via.SFTP)
        || checks(spec).anyMatch(Reaching::needsSsh);
  }

  /** What asks for no port of the guest need not wait for its address. */
  private static boolean needsNetwork(VmSpec spec) {
    return hasSshServer(spec)
        || checks(spec)
            .anyMatch(check -> check instanceof ProbeCheck.Tcp || check instanceof ProbeCheck.Http);
  }

  private static Stream<ProbeCheck> checks(VmSpec spec) {
    return Stream.of(spec.policy().ready(), spec.policy().liveness())
        .filter(Objects::nonNull)
        .flatMap(probe -> probe.checks().stream());
  }

  private static boolean needsSsh(ProbeCheck check) {
    return switch (check) {
      case ProbeCheck.Ssh ssh -> true;
      case ProbeCheck.Exec exec -> true;
      case ProbeCheck.Tcp tcp -> false;
      case ProbeCheck.Http http -> false;
      case ProbeCheck.Agent agent -> false;
      case ProbeCheck.Log log -> false;
    };
  }

  private static String bound(ForwardSpec forward) {
    return List.of("0.0.0.0", "::").contains(forward.bind()) ? "127.0.0.1" : forward.bind();
  }
}
