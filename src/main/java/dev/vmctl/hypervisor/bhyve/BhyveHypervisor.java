package dev.vmctl.hypervisor.bhyve;

import dev.vmctl.host.AppendedLog;
import dev.vmctl.host.CancellableWork;
import dev.vmctl.host.HostCommands;
import dev.vmctl.host.HostFacts;
import dev.vmctl.host.HostProcess;
import dev.vmctl.host.HostProcesses;
import dev.vmctl.host.Log;
import dev.vmctl.hypervisor.ConsoleEndpoint;
import dev.vmctl.hypervisor.Hypervisor;
import dev.vmctl.hypervisor.Launch;
import dev.vmctl.hypervisor.LaunchNote;
import dev.vmctl.hypervisor.Observation;
import dev.vmctl.hypervisor.VmHandle;
import dev.vmctl.model.BackendTag;
import dev.vmctl.model.Capabilities.Capability;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.ExitReason;
import dev.vmctl.model.Finding;
import dev.vmctl.model.LaunchFacts;
import dev.vmctl.model.Unsupported;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import dev.vmctl.model.VmSpec;
import dev.vmctl.network.GuestAddresses;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Runs VMs with bhyve on a FreeBSD host. */
public final class BhyveHypervisor implements Hypervisor {
  private static final System.Logger log = Log.of(BhyveHypervisor.class);

  /** The same as QEMU's may have. */
  private static final long MOST_CONSOLE = 16L << 20;

  private final HostCommands commands;
  private final BhyveSettings settings;
  private final Executor stops;
  private final BhyveProcesses bhyveProcesses;
  private final BhyveVms vms;
  private final BhyveTaps taps;
  private final BhyveStarter starter;
  private final BhyveStopper stopper;
  private final ExitWatches watches;
  private final BhyveGuests guests;
  private final LaunchNote note = new LaunchNote();

  /**
   * @param stops where stops wait for their guests
   */
  public BhyveHypervisor(
      HostProcesses processes,
      HostFacts facts,
      BhyveSettings settings,
      GuestAddresses addresses,
      Executor stops) {
    this.settings = settings;
    this.stops = stops;
    commands = new HostCommands(processes);
    bhyveProcesses = new BhyveProcesses(processes, facts);
    vms = new BhyveVms(commands, facts, settings.devices());
    taps = new BhyveTaps(commands);
    stopper = new BhyveStopper(processes, bhyveProcesses, vms, taps, settings);
    starter = new BhyveStarter(processes, facts, bhyveProcesses, vms, taps, stopper, settings);
    watches = new ExitWatches(processes);
    guests = new BhyveGuests(addresses);
  }

  @Override
  public BackendTag backend() {
    return BackendTag.BHYVE;
  }

  @Override
  public void checkAvailable() {
    requireModule("vmm");
    requireModule("nmdm");
    if (!Files.isReadable(settings.bootRom())) {
      throw new VmException(
          ErrorCode.BACKEND_NOT_AVAILABLE,
          "bhyve has no UEFI firmware: " + settings.bootRom() + " is not there",
          "pkg install edk2-bhyve");
    }
  }

  @Override
  public List<Finding> examine() {
    List<Finding> findings = new ArrayList<>(Hypervisor.super.examine());
    if (findings.stream().allMatch(each -> each.result() == Finding.Result.OK)) {
      findings.add(
          Finding.of(
              "bridges",
              taps.bridges(),
              "VMs need one, but those with network \"none\"",
              "ifconfig bridge create name br0 && ifconfig br0 addm em0 up"));
      findings.add(tapsAtReboot());
    }
    return findings;
  }

  private Finding tapsAtReboot() {
    try {
      taps.requireUpOnOpen();
      return Finding.ok("tap devices", "come up when they are opened");
    } catch (VmException e) {
      return Finding.warn("tap devices", e.getMessage(), e.help());
    }
  }

  @Override
  public void checkDeclared(VmSpec declared, @Nullable VmSpec running) {
    starter.check(declared);
  }

  private void requireModule(String name) {
    boolean loaded;
    try {
      loaded = commands.attempt(List.of("kldstat", "-q", "-m", name)).succeeded();
    } catch (VmException e) {
      throw e.code() == ErrorCode.IO
          ? new VmException(
              ErrorCode.BACKEND_NOT_AVAILABLE,
              "bhyve runs on FreeBSD only: " + e.getMessage(),
              "use another backend on this host",
              e)
          : e;
    }
    if (!loaded) {
      throw new VmException(
          ErrorCode.BACKEND_NOT_AVAILABLE,
          "bhyve needs the kernel module " + name + ", which is not loaded",
          "run 'kldload " + name + "', and put " + name + "_load=\"YES\" into /boot/loader.conf");
    }
  }

  @Override
  public void onWake(Consumer<VmName> listener) {
    watches.onWake(listener);
  }

  @Override
  public Observation observe(VmHandle vm) {
    return look(
        vm,
        process -> {
          watches.watch(vm, process);
          boundConsole(vm);
        });
  }

  private static void boundConsole(VmHandle vm) {
    try {
      AppendedLog.bound(new BhyveFiles(vm).console(), MOST_CONSOLE);
    } catch (IOException e) {
      // It grows on, and the next look tries again; the VM is none the worse for it.
      log.log(System.Logger.Level.WARNING, "cannot shorten the console log of " + vm.name(), e);
    }
  }

  @Override
  public Observation peek(VmHandle vm, Duration deadline) {
    return look(vm, process -> {});
  }

  private Observation look(VmHandle vm, Consumer<HostProcess> found) {
    try {
      Optional<HostProcess> process = bhyveProcesses.find(vm);
      process.ifPresent(found);
      return look(vm, process);
    } catch (VmException e) {
      return new Observation.Unknown(e.getMessage());
    }
  }

  private Observation look(VmHandle vm, Optional<HostProcess> process) {
    if (process.isPresent()) {
      return new Observation.Running(process.get().pid());
    }
    if (vms.begun(vm).isEmpty()) {
      return new Observation.Absent();
    }
    // It ended, or its start was cut off: what it left behind is cleared away by a reap.
    return new Observation.Exited(
        BhyveFiles.number(new BhyveFiles(vm).exit())
            .map(BhyveExit::reason)
            .orElse(ExitReason.CRASH));
  }

  @Override
  public LaunchFacts start(Launch launch) {
    LaunchFacts found = uninterrupted(() -> starter.start(launch));
    watches.watch(launch.vm(), new HostProcess(found.pid(), found.processStart()));
    return found;
  }

  @Override
  public Optional<LaunchFacts> recall(VmHandle vm) {
    return bhyveProcesses
        .find(vm)
        .flatMap(process -> note.of(vm).flatMap(noted -> note.read(vm, process, noted.vnc())));
  }

  @Override
  public CompletableFuture<Void> stop(VmHandle vm, Duration grace) {
    return CancellableWork.start(stops, () -> stopper.stop(vm, grace));
  }

  @Override
  public void kill(VmHandle vm) {
    uninterrupted(
        () -> {
          stopper.kill(vm);
          return vm;
        });
  }

  @Override
  public void reap(VmHandle vm) {
    stopper.reap(vm);
  }

  @Override
  public void suspend(VmHandle vm) {
    throw Unsupported.refusal(Capability.SUSPEND, backend());
  }

  @Override
  public void resume(VmHandle vm) {
    throw Unsupported.refusal(Capability.SUSPEND, backend());
  }

  @Override
  public Optional<InetSocketAddress> ssh(VmHandle vm) {
    return guests.ssh(vm);
  }

  @Override
  public Optional<InetAddress> address(VmHandle vm) {
    return guests.known(vm);
  }

  @Override
  public ConsoleEndpoint console(VmHandle vm) {
    return new ConsoleEndpoint.Device(Path.of(BhyveCommandLine.peopleSide(vm)));
  }

  @Override
  public void release(VmHandle vm) {
    watches.drop(vm);
  }

  @Override
  public void close() {
    watches.close();
  }

  /** A task that waits. */
  private interface Waiting<T> {
    T call() throws InterruptedException;
  }

  private static <T> T uninterrupted(Waiting<T> task) {
    try {
      return task.call();
    } catch (InterruptedException e) {
      throw VmException.interrupted("bhyve", e);
    }
  }
}
