package dev.vmctl.controller;

import dev.vmctl.disk.CopyProgress;
import dev.vmctl.disk.DiskSnapshot;
import dev.vmctl.disk.Disks;
import dev.vmctl.disk.RawDiskRequest;
import dev.vmctl.disk.TrashEntry;
import dev.vmctl.disk.VolumeImage;
import dev.vmctl.guest.GuestChange;
import dev.vmctl.guest.GuestFacts;
import dev.vmctl.guest.GuestShares;
import dev.vmctl.guest.Guests;
import dev.vmctl.guest.HealthCheck;
import dev.vmctl.guest.ProgramEnd;
import dev.vmctl.guest.ProvisionResult;
import dev.vmctl.guest.SeedNetwork;
import dev.vmctl.guest.SshTarget;
import dev.vmctl.host.HostRoom;
import dev.vmctl.hypervisor.Adjusted;
import dev.vmctl.hypervisor.Adjustment;
import dev.vmctl.hypervisor.ConsoleEndpoint;
import dev.vmctl.hypervisor.FoundMachine;
import dev.vmctl.hypervisor.GuestSnapshot;
import dev.vmctl.hypervisor.Hypervisor;
import dev.vmctl.hypervisor.Launch;
import dev.vmctl.hypervisor.Observation;
import dev.vmctl.hypervisor.VmHandle;
import dev.vmctl.image.CachedImage;
import dev.vmctl.image.ImageFormat;
import dev.vmctl.image.ImageProgress;
import dev.vmctl.image.ImageSource;
import dev.vmctl.image.Images;
import dev.vmctl.image.StoredImage;
import dev.vmctl.model.Accel;
import dev.vmctl.model.BackendTag;
import dev.vmctl.model.EnvVariable;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.ExitReason;
import dev.vmctl.model.Field;
import dev.vmctl.model.LaunchFacts;
import dev.vmctl.model.LiveRoom;
import dev.vmctl.model.ProvisionStep;
import dev.vmctl.model.ShareFacts;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmFields;
import dev.vmctl.model.VmName;
import dev.vmctl.model.VmSpec;
import dev.vmctl.workqueue.VirtualTimeline;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A host with images, disks, processes and guests that exist in memory, on virtual time. It goes on
 * when an engine is gone, and it keeps the rules that a real one has: no disk is made twice, none
 * is opened by two processes, nothing starts without a disk.
 */
final class FakeWorld implements HostRoom {
  volatile long freeDiskBytes = 100L << 30;
  final VirtualTimeline timeline;

  /** Of the host, in MiB: what guests have been given is gone. */
  long memoryMb = 1 << 20;

  final Map<UUID, Process> processes = new HashMap<>();
  final Map<Path, Disk> disks = new HashMap<>();
  final List<TrashEntry> trash = new ArrayList<>();

  /** What others have started; null for nothing. */
  @Nullable FoundMachine found;

  /** Whom nobody looks after any more. */
  final List<VmName> letGo = new ArrayList<>();

  /** What directories name elsewhere. */
  final Map<Path, Map<String, Path>> linked = new HashMap<>();

  /** What comes back when these are restored; else a new disk. */
  final Map<String, Disk> kept = new HashMap<>();

  final Set<String> images = new HashSet<>();

  /** To be told how far the latest import is. */
  Consumer<ImageProgress> importProgress = progress -> {};

  final Set<String> cached = new HashSet<>();
  final List<String> provisioned = new ArrayList<>();
  final List<String> violations = new ArrayList<>();

  /** Throws at each call of a port if it wants to; for fault tests. */
  Consumer<String> fault = call -> {};

  /** How often a console was told to begin anew. */
  int boots;

  Duration importTime = Duration.ofMillis(300);

  /** What guests are started with room for; null for none. */
  @Nullable LiveRoom room;

  /** Whether guests refuse to have their memory changed. */
  boolean refuses;

  /** How often a guest that runs was changed, or tried to. */
  int adjusted;

  Duration bootTime = Duration.ofSeconds(4);

  /** The host's boot, as hypervisors note it at a start. */
  String boot = "boot";

  Duration provisionTime = Duration.ofSeconds(2);
  Duration stopTime = Duration.ofSeconds(1);
  ProvisionResult provisionResult = new ProvisionResult.Succeeded();
  boolean silent;

  /** Why guests do not become ready; null when they do. */
  @Nullable VmException notReady;

  /** What was asked of guests that were waited for. */
  final List<HealthCheck> readiness = new ArrayList<>();

  /** What is wrong with a guest that is looked at. */
  Function<VmName, Optional<String>> wrong = name -> Optional.empty();

  final List<Instant> looks = new ArrayList<>();
  Duration lookTime = Duration.ofMillis(50);
  List<String> console = List.of();
  GuestFacts agentSays = new GuestFacts("fake", "Fake 1", List.of("eth0 10.0.2.15"));

  /** Whether stops that were begun get to their end. */
  boolean stops = true;

  /** Happens while a reconcile looks. */
  Runnable onObserve = () -> {};

  /** Happens when steps have ended, before anybody hears of it. */
  Runnable onProvisioned = () -> {};

  int provisionings;

  /** How often guests were kept from writing and not let write again. */
  int quiet;

  /** Why snapshots of what runs fail; null when they do not. */
  @Nullable VmException noSnapshot;

  /** Memory on disk from which a guest has run on: to go on from it again loses what it did. */
  private final Set<String> spent = new HashSet<>();

  private long pids = 100;
  private final List<Consumer<VmName>> wakes = new ArrayList<>();

  FakeWorld(VirtualTimeline timeline) {
    this.timeline = timeline;
  }

  @Override
  public long totalMemoryBytes() {
    return memoryMb << 20;
  }

  @Override
  public long freeDiskBytes(Path path) {
    return freeDiskBytes;
  }

  @Override
  public long freeMemoryBytes() {
    long given = processes.values().stream().mapToLong(each -> each.facts.memoryMb()).sum();
    return Math.max(0, memoryMb - given) << 20;
  }

  /** A process that runs a guest. */
  static final class Process {
    LaunchFacts facts;
    final Path disk;
    final VmName name;
    @Nullable ExitReason ended;
    boolean frozen;

    /** What the guest has in its memory. */
    String memory = "booted";

    /** The memory on disk that it has come from; empty when it has booted. */
    String from = "";

    Process(VmName name, LaunchFacts facts, Path disk) {
      this.name = name;
      this.facts = facts;
      this.disk = disk;
    }
  }

  /** A disk with what a guest wrote to it. */
  static final class Disk {
    final List<String> written = new ArrayList<>();
    final Map<String, Moment> moments = new TreeMap<>();
    long size;

    void goBack(String tag) {
      Moment moment = Objects.requireNonNull(moments.get(tag), "no snapshot " + tag);
      written.clear();
      written.addAll(moment.written());
      size = moment.size();
    }
  }

  /**
   * @param memory of the guest; null for none
   */
  record Moment(List<String> written, long size, @Nullable String memory) {
    Moment {
      written = List.copyOf(written);
    }
  }

  /** What the guest of a VM does: it remembers that, and writes it to its disk. */
  void work(UUID vm, String what) {
    Process process = Objects.requireNonNull(processes.get(vm));
    if (process.frozen) {
      throw new AssertionError("it is frozen");
    }
    process.memory = what;
    disk(process.disk).written.add(what);
  }

  /** The process of a VM dies. */
  void kill(UUID vm) {
    Process gone = processes.remove(vm);
    if (gone != null) {
      wake(gone.name);
    }
  }

  /** The guest of a VM ends by itself. */
  void end(UUID vm, ExitReason reason) {
    Process process = processes.get(vm);
    if (process != null) {
      process.ended = reason;
      wake(process.name);
    }
  }

  /** Engines that are gone are not told. */
  void forgetEngines() {
    wakes.clear();
  }

  private void wake(VmName name) {
    wakes.forEach(wake -> wake.accept(name));
  }

  private <T> CompletableFuture<T> later(Duration delay, Supplier<T> result) {
    CompletableFuture<T> future = new CompletableFuture<>();
    timeline.schedule(
        delay,
        () -> {
          if (!future.isDone()) {
            try {
              future.complete(result.get());
            } catch (RuntimeException e) {
              future.completeExceptionally(e);
            }
          }
        });
    return future;
  }

  Images images() {
    return new Images() {
      @Override
      public Optional<CachedImage> lookup(ImageSource source) {
        return cached.contains(source.text()) ? Optional.of(image(source)) : Optional.empty();
      }

      @Override
      public CompletableFuture<CachedImage> ensure(
          ImageSource source, Consumer<ImageProgress> progress) {
        fault.accept("image");
        importProgress = progress;
        return later(
            importTime,
            () -> {
              if (!images.contains(source.text())) {
                throw new VmException(
                    ErrorCode.IMAGE_NOT_FOUND, "no image " + source.text(), "make it");
              }
              cached.add(source.text());
              return image(source);
            });
      }

      @Override
      public Optional<CachedImage> byDigest(String digest) {
        return cached.stream()
            .filter(text -> digest.equals("sha256:" + text))
            .map(text -> image(new ImageSource.LocalFile(Path.of(text))))
            .findFirst();
      }

      @Override
      public CompletableFuture<CachedImage> refresh(
          ImageSource source, Consumer<ImageProgress> progress) {
        return ensure(source, progress);
      }

      @Override
      public List<StoredImage> stock() {
        return List.of();
      }

      @Override
      public void name(CachedImage image, String name) {
        throw new UnsupportedOperationException();
      }

      @Override
      public CompletableFuture<CachedImage> verify(
          CachedImage image, Consumer<ImageProgress> progress) {
        throw new UnsupportedOperationException();
      }

      @Override
      public CompletableFuture<CachedImage> push(
          CachedImage image, String target, String title, Consumer<ImageProgress> progress) {
        throw new UnsupportedOperationException();
      }

      @Override
      public List<StoredImage> remove(Predicate<StoredImage> chosen, Supplier<Set<String>> needed) {
        throw new UnsupportedOperationException();
      }
    };
  }

  private static CachedImage image(ImageSource source) {
    return new CachedImage(
        Path.of("/cache" + source.text()), "sha256:" + source.text(), ImageFormat.QCOW2, 1 << 20);
  }

  Disks disks() {
    return new Disks() {
      @Override
      public List<VolumeImage> unusedVolumes(Set<String> needed) {
        return List.of();
      }

      @Override
      public List<VolumeImage> destroyVolumes(List<VolumeImage> unused) {
        return List.of();
      }

      @Override
      public void link(Path directory, Path disk, boolean raw) {
        linked.computeIfAbsent(directory, path -> new TreeMap<>()).put(OVERLAY, disk);
        FakeWorld.this.disks.put(directory.resolve(OVERLAY), new Disk());
      }

      @Override
      public void linkFile(Path directory, String name, Path file) {
        linked.computeIfAbsent(directory, path -> new TreeMap<>()).put(name, file);
      }

      @Override
      public void linkData(Path directory, String name, Path disk) {
        FakeWorld.this.disks.put(Disks.data(directory, name), new Disk());
      }

      @Override
      public Qcow2Facts examine(Path disk) {
        return new Qcow2Facts(1 << 20, null);
      }

      @Override
      public Map<String, Path> linked(Path directory) {
        return linked.getOrDefault(directory, Map.of());
      }

      @Override
      public void createOverlay(Path overlay, BaseImage base, @Nullable Long sizeBytes) {
        fault.accept("createOverlay");
        disks.computeIfAbsent(overlay, path -> new Disk()).size =
            sizeBytes == null ? base.sizeBytes() : sizeBytes;
      }

      @Override
      public void createData(
          Path directory, String name, @Nullable BaseImage base, @Nullable Long sizeBytes) {
        fault.accept("createData");
        Disk disk = disks.computeIfAbsent(Disks.data(directory, name), path -> new Disk());
        if (sizeBytes != null) {
          disk.size = sizeBytes;
        }
      }

      @Override
      public Optional<TrashEntry> trashData(VmName vm, String name, Path directory, String reason) {
        fault.accept("trashData");
        if (disks.remove(Disks.data(directory, name)) == null) {
          return Optional.empty();
        }
        UUID id = UUID.randomUUID();
        TrashEntry entry =
            new TrashEntry(vm + "-" + id, vm, id, false, name, timeline.now(), reason, 1);
        trash.add(entry);
        return Optional.of(entry);
      }

      @Override
      public boolean hasRaw(RawDiskRequest request) {
        throw new UnsupportedOperationException("this hypervisor takes overlays");
      }

      @Override
      public CompletableFuture<Void> createRaw(RawDiskRequest request, CopyProgress progress) {
        throw new UnsupportedOperationException("this hypervisor takes overlays");
      }

      @Override
      public Path attachment(Path overlay) {
        return overlay;
      }

      @Override
      public boolean exists(Path overlay) {
        return disks.containsKey(overlay);
      }

      @Override
      public void grow(Path overlay, long sizeBytes) {
        fault.accept("grow");
        Disk disk = disks.get(overlay);
        if (disk == null) {
          throw new VmException(ErrorCode.DISK_MISSING, "no disk " + overlay, "");
        }
        disk.size = sizeBytes;
      }

      @Override
      public void flatten(Path overlay, Path target) {
        throw new UnsupportedOperationException("there is no disk to copy");
      }

      @Override
      public long virtualSize(Path overlay) {
        Disk disk = disks.get(overlay);
        if (disk == null) {
          throw new VmException(ErrorCode.DISK_MISSING, "no disk " + overlay, "");
        }
        return disk.size;
      }

      @Override
      public List<DiskSnapshot> snapshots(Path disk) {
        return disk(disk).moments.entrySet().stream()
            .map(
                each ->
                    new DiskSnapshot(
                        each.getKey(),
                        each.getValue().memory() == null ? 0 : 1 << 20,
                        each.getValue().size()))
            .toList();
      }

      @Override
      public void takeSnapshot(Path disk, String tag) {
        fault.accept("takeSnapshot");
        refuseOpen(disk);
        Disk present = disk(disk);
        present.moments.putIfAbsent(tag, new Moment(present.written, present.size, null));
      }

      @Override
      public void revert(Path disk, String tag) {
        fault.accept("revert");
        refuseOpen(disk);
        disk(disk).goBack(tag);
        fault.accept("reverted");
      }

      @Override
      public void deleteSnapshot(Path disk, String tag) {
        fault.accept("deleteSnapshot");
        refuseOpen(disk);
        disk(disk).moments.remove(tag);
      }

      @Override
      public CompletableFuture<Void> copy(Path disk, @Nullable String tag, Path target) {
        fault.accept("copy");
        return later(
            importTime,
            () -> {
              Moment moment = Objects.requireNonNull(disk(disk).moments.get(tag));
              Disk copy = new Disk();
              copy.written.addAll(moment.written());
              copy.size = moment.size();
              disks.putIfAbsent(target, copy);
              return null;
            });
      }

      @Override
      public TrashEntry trashVm(VmName vm, UUID diskId, Path directory, String reason) {
        fault.accept("trashVm");
        return toTrash(vm, diskId, directory, reason, true);
      }

      @Override
      public TrashEntry trashDisk(VmName vm, UUID diskId, Path directory, String reason) {
        fault.accept("trashDisk");
        return toTrash(vm, diskId, directory, reason, false);
      }

      @Override
      public List<TrashEntry> trash() {
        return List.copyOf(trash);
      }

      @Override
      public void restore(TrashEntry entry, Path directory) {
        trash.remove(entry);
        Disk disk = kept.getOrDefault(entry.id(), new Disk());
        String data = entry.dataDisk();
        disks.put(data == null ? directory.resolve(OVERLAY) : Disks.data(directory, data), disk);
      }

      @Override
      public void purge(TrashEntry entry) {
        trash.remove(entry);
      }

      @Override
      public void purgeVm(Path directory) {
        fault.accept("purgeVm");
        disks.remove(directory.resolve(OVERLAY));
      }

      @Override
      public List<TrashEntry> expire(Instant olderThan) {
        return List.of();
      }
    };
  }

  private Disk disk(Path path) {
    Disk disk = disks.get(path);
    if (disk == null) {
      throw new VmException(ErrorCode.DISK_MISSING, "no disk " + path, "look in the trash");
    }
    return disk;
  }

  private void refuseOpen(Path disk) {
    if (processes.values().stream().anyMatch(process -> process.disk.equals(disk))) {
      violations.add(disk + " was changed while a process had it open");
    }
  }

  private TrashEntry toTrash(VmName vm, UUID diskId, Path directory, String reason, boolean whole) {
    Path overlay = directory.resolve(Disks.OVERLAY);
    for (Process process : processes.values()) {
      if (process.disk.equals(overlay)) {
        violations.add("the disk of " + vm + " went to the trash while a process had it open");
      }
    }
    TrashEntry entry =
        new TrashEntry(vm + "-" + diskId, vm, diskId, whole, null, timeline.now(), reason, 1);
    Disk disk = disks.remove(overlay);
    if (disk != null) {
      trash.add(entry);
      kept.put(entry.id(), disk);
    }
    return entry;
  }

  Guests guests() {
    return new Guests() {
      @Override
      public Path writeSeed(Path directory, VmSpec spec, UUID instanceId, SeedNetwork network) {
        fault.accept("writeSeed");
        return directory.resolve(SEED);
      }

      @Override
      public CompletableFuture<List<ShareFacts>> awaitReady(
          HealthCheck wanted, GuestShares shares) {
        fault.accept("awaitReady");
        readiness.add(wanted);
        return later(
            bootTime,
            () -> {
              if (notReady != null) {
                throw notReady;
              }
              return shares.facts();
            });
      }

      @Override
      public void starting(Path directory) {
        boots++;
      }

      @Override
      public CompletableFuture<Optional<String>> look(HealthCheck wanted) {
        looks.add(timeline.now());
        return later(lookTime, () -> wrong.apply(wanted.guest().name()));
      }

      @Override
      public List<ShareFacts> keepServing(SshTarget target, GuestShares shares) {
        return List.of();
      }

      @Override
      public CompletableFuture<GuestFacts> facts(Path agent) {
        return later(lookTime, () -> agentSays);
      }

      @Override
      public CompletableFuture<Void> freeze(Path agent) {
        return later(
            lookTime,
            () -> {
              quiet++;
              return null;
            });
      }

      @Override
      public CompletableFuture<Void> thaw(Path agent) {
        return later(
            lookTime,
            () -> {
              quiet = 0;
              return null;
            });
      }

      @Override
      public CompletableFuture<Long> startProgram(Path agent, List<String> command, byte[] input) {
        throw new UnsupportedOperationException();
      }

      @Override
      public CompletableFuture<Optional<ProgramEnd>> awaitProgram(
          Path agent, long id, Duration wait) {
        throw new UnsupportedOperationException();
      }

      @Override
      public List<String> consoleTail(Path directory) {
        return console;
      }

      @Override
      public CompletableFuture<ProvisionResult> provision(
          SshTarget target,
          List<ProvisionStep> steps,
          List<EnvVariable> env,
          ProvisionListener listener) {
        fault.accept("provision");
        provisionings++;
        return later(
            provisionTime,
            () -> {
              onProvisioned.run();
              provisioned.add(target.vmDirectory().getFileName().toString());
              return provisionResult;
            });
      }

      @Override
      public CompletableFuture<Map<Field<?>, String>> letGo(SshTarget target, GuestChange change) {
        return CompletableFuture.completedFuture(Map.of());
      }

      @Override
      public CompletableFuture<Map<Field<?>, String>> adapt(SshTarget target, GuestChange change) {
        return CompletableFuture.completedFuture(Map.of());
      }

      @Override
      public List<Path> privateKeys(SshTarget target) {
        return List.of();
      }
    };
  }

  Hypervisor hypervisor() {
    return new FakeHypervisor();
  }

  private final class FakeHypervisor implements Hypervisor {
    @Override
    public BackendTag backend() {
      return BackendTag.QEMU;
    }

    @Override
    public void checkAvailable() {
      fault.accept("checkAvailable");
    }

    @Override
    public void checkDeclared(VmSpec declared, @Nullable VmSpec running) {
      fault.accept("checkDeclared");
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
      Process process = processes.get(vm.uuid());
      if (process == null) {
        return new Observation.Absent();
      }
      if (process.ended != null) {
        return new Observation.Exited(process.ended);
      }
      return process.frozen
          ? new Observation.Suspended(process.facts.pid())
          : new Observation.Running(process.facts.pid());
    }

    @Override
    public Observation peek(VmHandle vm, Duration deadline) {
      return look(vm);
    }

    @Override
    public FoundMachine find(Path control, @Nullable Path disk) {
      fault.accept("find");
      return Objects.requireNonNull(found);
    }

    @Override
    public void letGo(VmHandle vm) {
      fault.accept("letGo");
      letGo.add(vm.name());
    }

    @Override
    public LaunchFacts start(Launch launch) {
      fault.accept("start");
      Path disk = launch.disk();
      if (disk == null || !disks.containsKey(disk)) {
        violations.add(launch.vm().name() + " was started without a disk");
      }
      if (processes.containsKey(launch.vm().uuid())) {
        violations.add("two processes opened the disk of " + launch.vm().name());
      }
      long pid = pids++;
      VmSpec spec = launch.spec();
      LaunchFacts facts =
          new LaunchFacts(
              "pc-q35-7.2",
              "max",
              Accel.TCG,
              "",
              spec.vcpus() == null ? 1 : spec.vcpus(),
              spec.memoryMb() == null ? 1024 : spec.memoryMb(),
              2200 + (int) pid,
              null,
              pid,
              pid,
              boot,
              List.of(),
              List.of(),
              room,
              null);
      Process process =
          new Process(launch.vm().name(), facts, disk == null ? Path.of("/none") : disk);
      String tag = launch.memory();
      if (tag != null) {
        goOn(launch, process, tag);
      }
      processes.put(launch.vm().uuid(), process);
      fault.accept("started");
      return facts;
    }

    private void goOn(Launch launch, Process process, String tag) {
      if (noSnapshot != null) {
        throw noSnapshot;
      }
      if (spent.contains(tag)) {
        violations.add(process.name + " went on twice from " + tag);
      }
      for (Path each : launch.disks()) {
        disk(each).goBack(tag);
      }
      Moment moment = Objects.requireNonNull(disk(process.disk).moments.get(tag));
      process.memory = Objects.requireNonNull(moment.memory());
      process.from = tag;
      process.frozen = true;
    }

    @Override
    public CompletableFuture<Void> snapshot(VmHandle vm, GuestSnapshot wanted) {
      return later(
          Duration.ofSeconds(2),
          () -> {
            fault.accept("snapshot");
            if (noSnapshot != null) {
              throw noSnapshot;
            }
            Process process = process(vm);
            for (Path each : wanted.disks()) {
              Disk disk = disk(each);
              if (disk.moments.containsKey(wanted.tag())) {
                violations.add(wanted.tag() + " was taken twice");
              }
              disk.moments.put(
                  wanted.tag(),
                  new Moment(disk.written, disk.size, wanted.memory() ? process.memory : null));
            }
            fault.accept("snapshot taken");
            return null;
          });
    }

    @Override
    public CompletableFuture<Void> deleteSnapshot(VmHandle vm, GuestSnapshot unwanted) {
      return later(
          Duration.ofSeconds(1),
          () -> {
            fault.accept("deleteLive");
            unwanted.disks().forEach(each -> disk(each).moments.remove(unwanted.tag()));
            return null;
          });
    }

    @Override
    public Optional<LaunchFacts> recall(VmHandle vm) {
      return Optional.ofNullable(processes.get(vm.uuid())).map(process -> process.facts);
    }

    @Override
    public CompletableFuture<Void> stop(VmHandle vm, Duration grace) {
      fault.accept("stop");
      Duration takes = stopTime.compareTo(grace) < 0 ? stopTime : grace;
      return later(
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
      return later(
          Duration.ofSeconds(3),
          () -> {
            Process process = process(adjustment.vm());
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
      fault.accept("reap");
      processes.remove(vm.uuid());
    }

    private Process process(VmHandle vm) {
      return Objects.requireNonNull(processes.get(vm.uuid()));
    }

    @Override
    public void suspend(VmHandle vm) {
      process(vm).frozen = true;
    }

    @Override
    public void resume(VmHandle vm) {
      Process process = process(vm);
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
}
