package dev.vmctl.hypervisor.qemu;

import dev.vmctl.host.CancellableWork;
import dev.vmctl.host.HostFacts;
import dev.vmctl.host.HostPorts;
import dev.vmctl.host.HostProcess;
import dev.vmctl.host.HostProcesses;
import dev.vmctl.host.Log;
import dev.vmctl.host.ProcessUser;
import dev.vmctl.hypervisor.Adjusted;
import dev.vmctl.hypervisor.Adjustment;
import dev.vmctl.hypervisor.ConsoleEndpoint;
import dev.vmctl.hypervisor.FoundMachine;
import dev.vmctl.hypervisor.GuestSnapshot;
import dev.vmctl.hypervisor.Hypervisor;
import dev.vmctl.hypervisor.Launch;
import dev.vmctl.hypervisor.Observation;
import dev.vmctl.hypervisor.VmHandle;
import dev.vmctl.model.AdoptedProcess;
import dev.vmctl.model.BackendTag;
import dev.vmctl.model.Finding;
import dev.vmctl.model.LaunchFacts;
import dev.vmctl.model.NetworkSpec;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import dev.vmctl.model.VmSpec;
import dev.vmctl.network.GuestAddresses;
import dev.vmctl.network.TapDevices;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Runs VMs with QEMU on this host. */
public final class QemuHypervisor implements Hypervisor {
  private static final System.Logger LOG = Log.of(QemuHypervisor.class);

  private final HostProcesses processes;
  private final QemuBinaries binaries;
  private final KvmProof proof;
  private final TapDevices taps;
  private final Forwards forwards;
  private final ShareServers shares;
  private final TpmServers tpms;
  private final QemuUser user;
  private final QemuSettings settings;
  private final HostFacts facts;
  private final InstantSource clock;
  private final QemuLinks links;
  private final QemuFinder finder;
  private final QemuProcesses qemuProcesses;
  private final QemuObserver observer;
  private final QemuStarter starter;
  private final QemuStopper stopper;
  private final QemuGuests guests;
  private volatile Consumer<VmName> wake = name -> {};

  public QemuHypervisor(
      HostProcesses processes,
      HostFacts facts,
      InstantSource clock,
      TapDevices taps,
      GuestAddresses addresses,
      QemuSettings settings) {
    this.processes = processes;
    this.taps = taps;
    this.settings = settings;
    this.facts = facts;
    this.clock = clock;
    proof = new KvmProof(processes, facts, clock, settings.directory());
    binaries = new QemuBinaries(processes, facts, settings.directory(), settings.program());
    links = new QemuLinks(this::wake, new AdoptedProcesses(processes));
    finder = new QemuFinder(processes, facts);
    qemuProcesses = new QemuProcesses(processes, facts);
    observer = new QemuObserver(links, qemuProcesses, processes, settings.answer());
    shares = new ShareServers(processes, facts, settings);
    tpms = new TpmServers(processes, facts, settings);
    user = new QemuUser(settings.user(), facts);
    forwards = new Forwards(new HostPorts(), processes);
    LaunchResolver resolver = new LaunchResolver(proof, taps, shares);
    starter =
        new QemuStarter(
            processes,
            facts,
            binaries,
            resolver,
            qemuProcesses,
            forwards,
            shares,
            tpms,
            links,
            user,
            settings);
    stopper = new QemuStopper(links, qemuProcesses, processes, shares, tpms, settings);
    guests = new QemuGuests(addresses);
  }

  @Override
  public BackendTag backend() {
    return BackendTag.QEMU;
  }

  @Override
  public void checkAvailable() {
    uninterrupted(binaries::current);
  }

  @Override
  public List<Finding> examine() {
    return uninterrupted(() -> new QemuExamination(binaries, proof, facts, taps, user).run());
  }

  /** Whether KVM is used for VMs that leave the choice to us, and why; takes 2 s at most. */
  public KvmVerdict kvm() {
    return uninterrupted(() -> proof.verdict(binaries.current().path()));
  }

  @Override
  public void checkDeclared(VmSpec declared, @Nullable VmSpec running) {
    forwards.checkFree(declared, running);
    shares.resolve(declared);
    if (Boolean.TRUE.equals(declared.tpm())) {
      tpms.check();
    }
    declared.networks().stream()
        .flatMap(network -> network instanceof NetworkSpec.Tap tap ? Stream.of(tap) : Stream.of())
        .forEach(tap -> taps.check(declared.name(), tap.bridge()));
  }

  @Override
  public void onWake(Consumer<VmName> listener) {
    wake = listener;
  }

  private void wake(VmName name) {
    wake.accept(name);
  }

  @Override
  public Observation observe(VmHandle vm) {
    Observation seen = uninterrupted(() -> observer.observe(vm));
    if (seen instanceof Observation.Running) {
      new QemuFiles(vm).keepLogs(clock.instant());
    }
    return seen;
  }

  @Override
  public Observation peek(VmHandle vm, Duration deadline) {
    return uninterrupted(() -> observer.peek(vm, deadline));
  }

  @Override
  public LaunchFacts start(Launch launch) {
    return uninterrupted(
        () -> {
          boolean started = false;
          try {
            LaunchFacts facts = starter.start(launch);
            started = true;
            return facts;
          } finally {
            if (!started && qemuProcesses.find(launch.vm()).isEmpty()) {
              clearTaps(launch.vm());
              shares.end(launch.vm());
              tpms.end(launch.vm());
            }
          }
        });
  }

  @Override
  public Optional<LaunchFacts> recall(VmHandle vm) {
    return uninterrupted(() -> starter.recall(vm));
  }

  @Override
  public CompletableFuture<Void> stop(VmHandle vm, Duration grace) {
    return CancellableWork.start(
        CancellableWork.threadNamed("stop-" + vm.name()),
        () -> {
          stopper.stop(vm, grace);
          removeTap(vm);
        });
  }

  @Override
  public void kill(VmHandle vm) {
    uninterrupted(
        () -> {
          stopper.kill(vm);
          return removeTap(vm);
        });
  }

  @Override
  public void reap(VmHandle vm) {
    uninterrupted(
        () -> {
          stopper.reap(vm);
          return removeTap(vm);
        });
  }

  private boolean removeTap(VmHandle vm) {
    taps.remove(vm.uuid());
    return true;
  }

  @Override
  public void suspend(VmHandle vm) {
    command(vm, "stop");
  }

  @Override
  public void resume(VmHandle vm) {
    command(vm, "cont");
  }

  private void command(VmHandle vm, String command) {
    uninterrupted(() -> links.get(vm, settings.answer()).execute(command, settings.answer()));
  }

  @Override
  public Optional<Path> agent(VmHandle vm) {
    QemuFiles files = new QemuFiles(vm);
    AdoptedProcess other = files.adopted();
    return other == null ? Optional.of(files.agentSocket()) : Optional.ofNullable(other.agent());
  }

  @Override
  public void copyDisks(VmHandle vm, Map<Path, Path> targets) {
    uninterrupted(
        () -> {
          new QemuDiskCopy(links.get(vm, settings.answer()), lender(vm), settings.answer())
              .run(targets);
          return true;
        });
  }

  @Override
  public CompletableFuture<Void> snapshot(VmHandle vm, GuestSnapshot wanted) {
    return CancellableWork.start(
        CancellableWork.threadNamed("snapshot-" + vm.name()),
        () -> {
          new QemuSnapshots(links.get(vm, settings.answer()), settings.answer()).take(wanted);
        });
  }

  @Override
  public CompletableFuture<Void> deleteSnapshot(VmHandle vm, GuestSnapshot unwanted) {
    return CancellableWork.start(
        CancellableWork.threadNamed("snapshot-" + vm.name()),
        () -> {
          new QemuSnapshots(links.get(vm, settings.answer()), settings.answer()).delete(unwanted);
        });
  }

  @Override
  public byte[] screenshot(VmHandle vm, Duration deadline) {
    return uninterrupted(() -> QemuScreen.shot(vm, links, lender(vm), deadline));
  }

  @Override
  public CompletableFuture<Adjusted> adjust(Adjustment adjustment) {
    VmHandle vm = adjustment.vm();
    Duration answer = settings.answer();
    return CancellableWork.start(
        CancellableWork.threadNamed("adjust-" + vm.name()),
        () ->
            new QemuAdjuster(links.get(vm, answer), answer, lender(vm), forwards).run(adjustment));
  }

  private FileLender lender(VmHandle vm) {
    // Only root can lend; another's QEMU may open what we may.
    Optional<ProcessUser> user =
        facts.userId() == 0 ? qemuProcesses.find(vm).flatMap(processes::user) : Optional.empty();
    return new FileLender(vm, user.orElse(null));
  }

  @Override
  public Map<String, String> running(VmHandle vm, Duration deadline) {
    return uninterrupted(
        () -> links.look(vm, deadline, link -> RunningMachine.look(vm, link, deadline)));
  }

  @Override
  public ConsoleEndpoint console(VmHandle vm) {
    QemuFiles files = new QemuFiles(vm);
    AdoptedProcess other = files.adopted();
    Path socket = other == null ? files.serialSocket() : other.serial();
    return socket == null ? new ConsoleEndpoint.None() : new ConsoleEndpoint.UnixSocket(socket);
  }

  @Override
  public FoundMachine find(Path control, @Nullable Path disk) {
    return uninterrupted(() -> finder.find(control, disk, settings.start()));
  }

  @Override
  public boolean isListening(Path control) {
    return finder.isListening(control);
  }

  @Override
  public void letGo(VmHandle vm) {
    uninterrupted(
        () -> {
          Duration answer = settings.answer();
          Optional<HostProcess> process = qemuProcesses.find(vm);
          if (process.isPresent()) {
            AdoptedProcesses.endByItself(
                links.get(vm, answer), qemuProcesses.commandLine(process.get()), answer);
          }
          links.drop(vm);
          return true;
        });
  }

  @Override
  public Optional<InetSocketAddress> ssh(VmHandle vm) {
    return guests.ssh(vm);
  }

  @Override
  public CompletableFuture<InetSocketAddress> awaitSsh(VmHandle vm, Duration patience) {
    return guests.awaitSsh(vm, patience);
  }

  @Override
  public Optional<InetAddress> address(VmHandle vm) {
    return guests.known(vm);
  }

  @Override
  public void release(VmHandle vm) {
    links.drop(vm);
    // Of a QEMU that others have killed, or of a start or a stop that was cut off.
    uninterrupted(() -> stopper.clearEnded(vm));
    clearTaps(vm);
  }

  /** For where something else is to be said, or nothing can be done any more. */
  private void clearTaps(VmHandle vm) {
    try {
      taps.remove(vm.uuid());
    } catch (VmException e) {
      LOG.log(System.Logger.Level.WARNING, "a tap device is left: {0}", e.getMessage());
    }
  }

  @Override
  public void close() {
    links.close();
  }

  /** A task that waits. */
  private interface Waiting<T> {
    T call() throws InterruptedException;
  }

  private static <T> T uninterrupted(Waiting<T> task) {
    try {
      return task.call();
    } catch (InterruptedException e) {
      throw VmException.interrupted("QEMU", e);
    }
  }
}
