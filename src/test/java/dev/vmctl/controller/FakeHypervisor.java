package dev.vmctl.controller;

import dev.vmctl.hypervisor.Adjusted;
import dev.vmctl.hypervisor.Adjustment;
import dev.vmctl.hypervisor.ConsoleEndpoint;
import dev.vmctl.hypervisor.FoundMachine;
import dev.vmctl.hypervisor.GuestSnapshot;
import dev.vmctl.hypervisor.Hypervisor;
import dev.vmctl.hypervisor.Launch;
import dev.vmctl.hypervisor.Observation;
import dev.vmctl.hypervisor.VmHandle;
import dev.vmctl.model.BackendTag;
import dev.vmctl.model.LaunchFacts;
import dev.vmctl.model.LiveRoom;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmFields;
import dev.vmctl.model.VmName;
import dev.vmctl.model.VmSpec;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Processes of a {@link FakeWorld} that run guests. None is started twice, nor without a disk, nor
 * goes on twice from one memory.
 */
final class FakeHypervisor implements Hypervisor {
  final Map<UUID, FakeProcess> processes = new HashMap<>();

  /** Whether it answers nobody. */
  boolean silent;

  /** What others have started; null for nothing. */
  @Nullable FoundMachine found;

  /** Whom nobody looks after any more. */
  final List<VmName> letGo = new ArrayList<>();

  /** The host's boot, as hypervisors note it at a start. */
  String boot = "boot";

  /** What guests are started with room for; null for none. */
  @Nullable LiveRoom room;

  /** Whether guests refuse to have their memory changed. */
  boolean refuses;

  /** How often a guest that runs was changed, or tried to. */
  int adjusted;

  Duration stopTime = Duration.ofSeconds(1);

  /** Whether stops that were begun get to their end. */
  boolean stops = true;

  /** Happens while a reconcile looks. */
  Runnable onObserve = () -> {};

  /** Why snapshots of what runs fail; null when they do not. */
  @Nullable VmException noSnapshot;

  /** Memory on disk from which a guest has run on: to go on from it again loses what it did. */
  private final Set<String> spent = new HashSet<>();

  private final List<Consumer<VmName>> wakes = new ArrayList<>();
  private final FakeWorld world;
  private long pids = 100;

  FakeHypervisor(FakeWorld world) {
    this.world = world;
  }

  boolean hasOpen(Path disk) {
    return processes.values().stream().anyMatch(process -> process.disk.equals(disk));
  }

  void wake(VmName name) {
    wakes.forEach(wake -> wake.accept(name));
  }

  /** Engines that are gone are not told. */
  void forgetEngines() {
    wakes.clear();
  }

  @Override
  public BackendTag backend() {
    return BackendTag.QEMU;
  }

  @Override
  public void checkAvailable() {
    world.fault.accept("checkAvailable");
  }

  @Override
  public void checkDeclared(VmSpec declared, @Nullable VmSpec running) {
    world.fault.accept("checkDeclared");
  }

  @Override
  public void onWake(Consumer<VmName> wake) {
    wakes.add(wake);
  }

  @Override
  public Observation observe(VmHandle vm) {
    Observation seen = look(vm);
    onObserve.run();
    return seen;
  }

  private Observation look(VmHandle vm) {
    if (silent) {
      return new Observation.Unknown("it is silent");
    }
    FakeProcess process = processes.get(vm.uuid());
    return process == null ? new Observation.Absent() : process.observation();
  }

  @Override
  public Observation peek(VmHandle vm, Duration deadline) {
    return look(vm);
  }

  @Override
  public FoundMachine find(Path control, @Nullable Path disk) {
    world.fault.accept("find");
    return Objects.requireNonNull(found);
  }

  @Override
  public void letGo(VmHandle vm) {
    world.fault.accept("letGo");
    letGo.add(vm.name());
  }

  @Override
  public LaunchFacts start(Launch launch) {
    world.fault.accept("start");
    Path disk = launch.disk();
    if (disk == null || !world.disks.files.containsKey(disk)) {
      world.violations.add(launch.vm().name() + " was started without a disk");
    }
    if (processes.containsKey(launch.vm().uuid())) {
      world.violations.add("two processes opened the disk of " + launch.vm().name());
    }
    FakeProcess process = FakeProcess.of(launch, pids++, boot, room);
    String tag = launch.memory();
    if (tag != null) {
      goOn(launch, process, tag);
    }
    processes.put(launch.vm().uuid(), process);
    world.fault.accept("started");
    return process.facts;
  }

  private void goOn(Launch launch, FakeProcess process, String tag) {
    if (noSnapshot != null) {
      throw noSnapshot;
    }
    if (spent.contains(tag)) {
      world.violations.add(process.name + " went on twice from " + tag);
    }
    for (Path each : launch.disks()) {
      world.disks.at(each).goBack(tag);
    }
    process.goOn(tag, world.disks.at(process.disk));
  }

  @Override
  public CompletableFuture<Void> snapshot(VmHandle vm, GuestSnapshot wanted) {
    return world.later(
        Duration.ofSeconds(2),
        () -> {
          world.fault.accept("snapshot");
          if (noSnapshot != null) {
            throw noSnapshot;
          }
          FakeProcess process = process(vm);
          for (Path each : wanted.disks()) {
            FakeDisk disk = world.disks.at(each);
            if (disk.moments.containsKey(wanted.tag())) {
              world.violations.add(wanted.tag() + " was taken twice");
            }
            disk.moments.put(
                wanted.tag(),
                new FakeDisk.Moment(
                    disk.written, disk.size, wanted.memory() ? process.memory : null));
          }
          world.fault.accept("snapshot taken");
          return null;
        });
  }

  @Override
  public CompletableFuture<Void> deleteSnapshot(VmHandle vm, GuestSnapshot unwanted) {
    return world.later(
        Duration.ofSeconds(1),
        () -> {
          world.fault.accept("deleteLive");
          unwanted.disks().forEach(each -> world.disks.at(each).moments.remove(unwanted.tag()));
          return null;
        });
  }

  @Override
  public Optional<LaunchFacts> recall(VmHandle vm) {
    return Optional.ofNullable(processes.get(vm.uuid())).map(process -> process.facts);
  }

  @Override
  public CompletableFuture<Void> stop(VmHandle vm, Duration grace) {
    world.fault.accept("stop");
    Duration takes = stopTime.compareTo(grace) < 0 ? stopTime : grace;
    return world.later(
        takes,
        () -> {
          if (stops) {
            processes.remove(vm.uuid());
          }
          return null;
        });
  }

  @Override
  public CompletableFuture<Adjusted> adjust(Adjustment adjustment) {
    adjusted++;
    return world.later(
        Duration.ofSeconds(3),
        () -> {
          FakeProcess process = process(adjustment.vm());
          Long memory = VmFields.MEMORY.effective(refuses ? adjustment.from() : adjustment.to());
          process.facts =
              process.facts.resized(
                  process.facts.vcpus(), Objects.requireNonNull(memory), List.of());
          return new Adjusted(process.facts, refuses ? Map.of(VmFields.MEMORY, "no") : Map.of());
        });
  }

  @Override
  public void kill(VmHandle vm) {
    processes.remove(vm.uuid());
  }

  @Override
  public void reap(VmHandle vm) {
    world.fault.accept("reap");
    processes.remove(vm.uuid());
  }

  private FakeProcess process(VmHandle vm) {
    return Objects.requireNonNull(processes.get(vm.uuid()));
  }

  @Override
  public void suspend(VmHandle vm) {
    process(vm).frozen = true;
  }

  @Override
  public void resume(VmHandle vm) {
    FakeProcess process = process(vm);
    process.frozen = false;
    if (process.from.startsWith("vmctl.suspended")) {
      spent.add(process.from);
    }
  }

  @Override
  public Optional<Path> agent(VmHandle vm) {
    return Optional.of(vm.runFile("agent.sock"));
  }

  @Override
  public ConsoleEndpoint console(VmHandle vm) {
    return new ConsoleEndpoint.None();
  }

  @Override
  public void release(VmHandle vm) {}

  @Override
  public void close() {}
}
