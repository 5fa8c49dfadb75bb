package dev.vmctl.hypervisor.propolis;

import dev.vmctl.host.CancellableWork;
import dev.vmctl.host.HostCommands;
import dev.vmctl.host.HostFacts;
import dev.vmctl.host.HostProcesses;
import dev.vmctl.host.Vnics;
import dev.vmctl.hypervisor.ConsoleEndpoint;
import dev.vmctl.hypervisor.Hypervisor;
import dev.vmctl.hypervisor.Launch;
import dev.vmctl.hypervisor.LaunchNote;
import dev.vmctl.hypervisor.Observation;
import dev.vmctl.hypervisor.VmHandle;
import dev.vmctl.model.BackendTag;
import dev.vmctl.model.Capabilities.Capability;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.LaunchFacts;
import dev.vmctl.model.NetworkSpec;
import dev.vmctl.model.Unsupported;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import dev.vmctl.model.VmSpec;
import dev.vmctl.network.GuestAddresses;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Runs VMs with propolis-server on an illumos host. */
public final class PropolisHypervisor implements Hypervisor {
  private static final String ZONEADM = "zoneadm";

  private final HostFacts facts;
  private final PropolisSettings settings;
  private final ServerZones zones;
  private final PropolisServers servers;
  private final PropolisStarter starter;
  private final PropolisStopper stopper;
  private final PropolisGuests addresses;
  private final StateWatches watches;
  private final ConsoleLogs consoles;
  private final Screens screens;
  private final LaunchNote note = new LaunchNote();

  public PropolisHypervisor(
      HostProcesses processes,
      HostFacts facts,
      PropolisSettings settings,
      GuestAddresses guestAddresses,
      GuestShutdown guests) {
    this.facts = facts;
    this.settings = settings;
    HostCommands commands = new HostCommands(processes);
    zones = new ServerZones(commands, settings);
    servers = new PropolisServers(zones, settings, facts.bootId());
    starter = new PropolisStarter(zones, servers, facts, settings);
    addresses = new PropolisGuests(zones, guestAddresses);
    stopper = new PropolisStopper(zones, servers, addresses, guests, settings);
    watches = new StateWatches();
    consoles = new ConsoleLogs(settings.answer());
    screens = new Screens();
  }

  @Override
  public BackendTag backend() {
    return BackendTag.PROPOLIS;
  }

  @Override
  public void checkAvailable() {
    for (String program : new String[] {ZONEADM, "zonecfg", "dladm"}) {
      if (facts.findProgram(program).isEmpty()) {
        throw new VmException(
            ErrorCode.BACKEND_NOT_AVAILABLE,
            "propolis runs on illumos only: there is no " + program + " on this host",
            "choose another backend for this VM; on illumos, is /usr/sbin on the PATH?");
      }
    }
    for (Path file : new Path[] {settings.home().resolve("propolis-server"), settings.bootRom()}) {
      if (!Files.isReadable(file)) {
        throw new VmException(
            ErrorCode.BACKEND_NOT_AVAILABLE,
            "propolis is not installed: " + file + " is not there",
            "docs/backends.md tells what goes into "
                + settings.home()
                + "; VMCTL_PROPOLIS_HOME names another place");
      }
    }
  }

  @Override
  public void checkDeclared(VmSpec declared, @Nullable VmSpec running) {
    if (declared.name().value().equals("global")) {
      throw new VmException(
          ErrorCode.VM_NAME_INVALID,
          "a VM of propolis cannot be named 'global': that is the host's own zone",
          "give it another name");
    }
    if (declared.network() instanceof NetworkSpec.Vnic vnic && !Vnics.isName(vnic.name())) {
      throw new VmException(
          ErrorCode.VMFILE_VALIDATION,
          "'" + vnic.name() + "' is not a name for a VNIC",
          "use letters, digits, '_' and '.', a letter first and a digit last, 31 at most: web0");
    }
  }

  @Override
  public void onWake(Consumer<VmName> wake) {
    watches.onWake(wake);
  }

  @Override
  public Observation observe(VmHandle vm) {
    Observation seen = peek(vm, settings.answer());
    if (seen instanceof Observation.Running) {
      watch(vm);
    }
    return seen;
  }

  @Override
  public Observation peek(VmHandle vm, Duration deadline) {
    if (facts.findProgram(ZONEADM).isEmpty()) {
      // No illumos: nothing of it can run here, and a start will say so.
      return new Observation.Absent();
    }
    return uninterrupted(() -> servers.look(vm, deadline));
  }

  @Override
  public LaunchFacts start(Launch launch) {
    LaunchFacts found = uninterrupted(() -> starter.start(launch));
    watch(launch.vm());
    return found;
  }

  private void watch(VmHandle vm) {
    servers
        .lastSeen(vm)
        .ifPresent(
            client -> {
              watches.watch(vm, client);
              consoles.follow(vm, client);
              screens.offer(vm, client);
            });
  }

  /** The zone's number in it tells whether it is of the run that there is. */
  @Override
  public Optional<LaunchFacts> recall(VmHandle vm) {
    return zones
        .find(vm)
        .filter(zone -> zone.number().isPresent())
        .flatMap(
            zone ->
                note.of(vm)
                    .filter(noted -> noted.pid() == zone.number().getAsInt())
                    .filter(noted -> noted.bootId().equals(facts.bootId())));
  }

  @Override
  public CompletableFuture<Void> stop(VmHandle vm, Duration grace) {
    return CancellableWork.start(
        CancellableWork.threadNamed("stop-" + vm.name()), () -> stopper.stop(vm, grace));
  }

  @Override
  public void kill(VmHandle vm) {
    stopper.kill(vm);
  }

  @Override
  public void reap(VmHandle vm) {
    stopper.kill(vm);
  }

  @Override
  public void suspend(VmHandle vm) {
    throw Unsupported.refusal(Capability.SUSPEND, BackendTag.PROPOLIS);
  }

  @Override
  public void resume(VmHandle vm) {
    throw Unsupported.refusal(Capability.SUSPEND, BackendTag.PROPOLIS);
  }

  @Override
  public Optional<InetSocketAddress> ssh(VmHandle vm) {
    return addresses.ssh(vm);
  }

  @Override
  public Optional<InetAddress> address(VmHandle vm) {
    return addresses.known(vm);
  }

  @Override
  public Optional<String> screen(VmHandle vm) {
    return screens.address(vm);
  }

  /** With what was written last, so that one sees where one is. */
  @Override
  public ConsoleEndpoint console(VmHandle vm) {
    return servers
        .client(vm)
        .<ConsoleEndpoint>map(PropolisClient::console)
        .orElseGet(ConsoleEndpoint.None::new);
  }

  @Override
  public void release(VmHandle vm) {
    watches.forget(vm);
    consoles.forget(vm);
    screens.forget(vm);
    zones.forget(vm);
  }

  @Override
  public void close() {
    watches.close();
    consoles.close();
    screens.close();
    servers.close();
  }

  /** A task that waits. */
  private interface Waiting<T> {
    T call() throws InterruptedException;
  }

  private static <T> T uninterrupted(Waiting<T> task) {
    try {
      return task.call();
    } catch (InterruptedException e) {
      throw VmException.interrupted("propolis-server", e);
    }
  }
}
