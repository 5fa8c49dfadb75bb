package dev.vmctl;

import static java.util.stream.Collectors.joining;

import dev.vmctl.api.ImageFile;
import dev.vmctl.api.ServerInfo;
import dev.vmctl.api.Vmctl;
import dev.vmctl.controller.Engine;
import dev.vmctl.controller.EngineParts;
import dev.vmctl.controller.EngineStats;
import dev.vmctl.controller.EngineVmctl;
import dev.vmctl.controller.SourceOpener;
import dev.vmctl.disk.OverlayDisks;
import dev.vmctl.disk.RawDisks;
import dev.vmctl.disk.VolumeStore;
import dev.vmctl.guest.SshGuests;
import dev.vmctl.host.HostCommands;
import dev.vmctl.host.HostFacts;
import dev.vmctl.host.HostLock;
import dev.vmctl.host.HostLocks;
import dev.vmctl.host.HostProcesses;
import dev.vmctl.host.LockHolder;
import dev.vmctl.host.Log;
import dev.vmctl.host.ThisHost;
import dev.vmctl.host.ZfsDatasets;
import dev.vmctl.hypervisor.HypervisorRouter;
import dev.vmctl.image.DownloadLimits;
import dev.vmctl.image.ImageCache;
import dev.vmctl.image.ImageFacts;
import dev.vmctl.image.ImageHost;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import dev.vmctl.source.DirectorySource;
import dev.vmctl.source.Source;
import dev.vmctl.source.VmFileSource;
import dev.vmctl.source.git.GitRepository;
import dev.vmctl.store.DataDirectory;
import dev.vmctl.store.EventJournal;
import dev.vmctl.store.FileVmStore;
import dev.vmctl.vmfile.VmFileReader;
import dev.vmctl.workqueue.RealTimeline;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * An engine on this host: everything wired together. This is where a program that uses vmctl as a
 * library starts.
 *
 * <p>Closing it ends the engine; the VMs run on.
 */
public final class VmctlEngine implements AutoCloseable {
  private static final System.Logger log = Log.of(VmctlEngine.class);

  /** What a daemon that was told to end may still take, before its successor gives up. */
  private static final Duration DAEMON_ENDS = Duration.ofSeconds(2);

  /** A command waits no longer for a daemon, which does not end by itself. */
  private static final Duration DAEMON_SERVES = Duration.ofMillis(500);

  private final AtomicReference<Opened> opened;
  private final Vmctl api;
  private final Deque<AutoCloseable> closing;

  private VmctlEngine(AtomicReference<Opened> opened, Vmctl api, Deque<AutoCloseable> closing) {
    this.opened = opened;
    this.api = api;
    this.closing = closing;
  }

  /**
   * Opens an engine. One for a daemon is open at once, also while commands are at work; it acts
   * when those have ended.
   *
   * @throws VmException store.locked when the role needs a data directory that somebody else holds;
   *     io when it cannot be used
   */
  public static VmctlEngine open(EngineOptions options) {
    Deque<AutoCloseable> closing = new ArrayDeque<>();
    try {
      return assemble(options, closing);
    } catch (RuntimeException e) {
      closeAll(closing);
      throw e;
    }
  }

  private static VmctlEngine assemble(EngineOptions options, Deque<AutoCloseable> closing) {
    DataDirectory data = new DataDirectory(options.dataDirectory());
    HostLocks locks = ThisHost.locks(ThisHost.processes());
    switch (options.role()) {
      case DAEMON -> {
        Premises.prepare(data.root(), data.vms());
        closing.push(asOnlyDaemon(data, locks));
        Optional<HostLock> alone = locks.tryAcquire(data.engineLock(), HostLock.Mode.EXCLUSIVE);
        if (alone.isEmpty()) {
          return starting(options, data, locks, closing);
        }
        closing.push(alone.get());
      }
      case COMMAND -> {
        Premises.prepare(data.root(), data.vms());
        Duration moment =
            options.lockTimeout().compareTo(DAEMON_SERVES) < 0
                ? options.lockTimeout()
                : DAEMON_SERVES;
        closing.push(acquire(locks, data.engineLock(), HostLock.Mode.SHARED, moment));
      }
      case RECORDER, READER -> {}
    }
    Opened opened = engine(options, data, closing);
    return new VmctlEngine(new AtomicReference<>(opened), opened.api, closing);
  }

  /** A daemon whose engine takes over as soon as the commands that are at work have ended. */
  private static VmctlEngine starting(
      EngineOptions options, DataDirectory data, HostLocks locks, Deque<AutoCloseable> closing) {
    Deque<AutoCloseable> recording = new ArrayDeque<>();
    closing.push(() -> closeAll(recording));
    Opened recorder = engine(options.as(EngineOptions.Role.RECORDER), data, recording);
    AtomicReference<Opened> opened = new AtomicReference<>(recorder);
    StartingVmctl api =
        new StartingVmctl(
            recorder.api, () -> holders(locks, data.engineLock()), () -> closeAll(closing));
    Deque<AutoCloseable> acting = new ArrayDeque<>();
    closing.push(() -> closeAll(acting));
    log.log(
        System.Logger.Level.INFO,
        "serving; the VMs are looked after when {0} has ended",
        holders(locks, data.engineLock()));
    TakeOver takeOver =
        new TakeOver(
            () -> locks.acquire(data.engineLock(), HostLock.Mode.EXCLUSIVE, TakeOver.SLICE),
            lock -> {
              api.handOver(
                  () -> {
                    Opened engine = engine(options, data, acting);
                    opened.set(engine);
                    return engine.api;
                  });
              acting.addLast(lock);
            },
            () -> closeAll(acting));
    closing.push(takeOver);
    takeOver.start();
    return new VmctlEngine(opened, api, closing);
  }

  private record Opened(Engine engine, EngineVmctl api, HostSources sources) {}

  private static Opened engine(
      EngineOptions options, DataDirectory data, Deque<AutoCloseable> closing) {
    HostProcesses processes = ThisHost.processes();
    HostLocks locks = ThisHost.locks(processes);
    RealTimeline timeline = new RealTimeline();
    closing.push(timeline);
    EngineParts parts = parts(options, data, processes, locks, timeline, closing);
    CommandScope scope =
        new CommandScope(
            options.role(), data, locks, options.lockTimeout(), timeline, parts.store());
    closing.push(scope);
    HostFacts facts = ThisHost.facts();
    boolean daemon = options.role() == EngineOptions.Role.DAEMON;
    HostSources hostSources = new HostSources(data, facts, reader(facts));
    List<Source> sources = daemon ? hostSources.open(options) : List.of();
    Engine engine = new Engine(parts, options.settings(), scope::contains, sources);
    closing.push(engine);
    scope.wakes(
        options.role() == EngineOptions.Role.RECORDER ? engine::changedElsewhere : engine::wake);
    ServerInfo info =
        new ServerInfo(
            Version.CURRENT, ProcessHandle.current().pid(), daemon, false, data.root(), List.of());
    SourceOpener opener = daemon ? hostSources : SourceOpener.none();
    EngineVmctl api = new EngineVmctl(engine, info, opener, scope::admit, () -> closeAll(closing));
    if (daemon) {
      closing.push(hostSources);
      hostSources.follow(engine, sources);
      api.start();
    }
    return new Opened(engine, api, hostSources);
  }

  private static VmFileReader reader(HostFacts facts) {
    return new VmFileReader(facts.home()).onHost(facts.hostName());
  }

  private static EngineParts parts(
      EngineOptions options,
      DataDirectory data,
      HostProcesses processes,
      HostLocks locks,
      RealTimeline timeline,
      Deque<AutoCloseable> closing) {
    HostFacts facts = ThisHost.facts();
    Clock clock = Clock.systemUTC();
    VmFileReader reader = reader(facts);
    SshGuests guests = new SshGuests(timeline.threads(), clock, processes, facts);
    closing.push(guests);
    FileVmStore.Sharing sharing =
        options.role() == EngineOptions.Role.DAEMON
            ? FileVmStore.Sharing.ALONE
            : FileVmStore.Sharing.SHARED;
    FileVmStore store = new FileVmStore(data, locks, sharing);
    HypervisorRouter hypervisors =
        HostHypervisors.of(processes, facts, clock, data.root().resolve("host"), guests, store);
    closing.push(hypervisors);
    return new EngineParts(
        timeline,
        () -> Random.SECURE.nextLong(),
        data,
        data.run(facts.runtimeDirectory()),
        facts.bootId(),
        store,
        new EventJournal(data.events()),
        hypervisors,
        new ImageCache(
            data.images(),
            new ImageHost(
                locks,
                processes,
                facts.bootId(),
                facts.home(),
                System.getenv(),
                options.observer()::downloaded),
            timeline.threads(),
            clock,
            DownloadLimits.DEFAULT),
        new OverlayDisks(
            data.root(), processes, clock, rawDisks(data, processes, locks), timeline.threads()),
        guests,
        facts,
        place ->
            Files.isRegularFile(place)
                ? new VmFileSource(place, reader, clock)
                : new DirectorySource(place, reader, clock),
        options.observer());
  }

  /** Made when a number is wanted: most commands want none. */
  private static final class Random {
    static final SecureRandom SECURE = new SecureRandom();
  }

  /** Volumes where the host has a place for them, else files. */
  private static RawDisks rawDisks(DataDirectory data, HostProcesses processes, HostLocks locks) {
    String root = System.getenv().getOrDefault("VMCTL_ZFS_DATASET", "");
    return root.isEmpty()
        ? RawDisks.asFiles()
        : RawDisks.asVolumes(
            new VolumeStore(
                ZfsDatasets.ofThisHost(new HostCommands(processes)), root, locks, data.images()));
  }

  private static HostLock acquire(
      HostLocks locks, Path lock, HostLock.Mode mode, Duration patience) {
    try {
      return locks.acquire(lock, mode, patience);
    } catch (InterruptedException e) {
      throw VmException.interrupted(lock, e);
    }
  }

  /** Commands end by themselves and are waited for; a daemon does not. */
  private static HostLock asOnlyDaemon(DataDirectory data, HostLocks locks) {
    try {
      return acquire(locks, data.daemonLock(), HostLock.Mode.EXCLUSIVE, DAEMON_ENDS);
    } catch (VmException e) {
      if (e.code() != ErrorCode.STORE_LOCKED) {
        throw e;
      }
      throw new VmException(
          ErrorCode.STORE_LOCKED,
          "a daemon has this data directory already: " + e.getMessage(),
          "end that one first, its VMs run on; or choose another directory with --data-dir",
          e);
    }
  }

  /**
   * Refuses an image file of this host that cannot become the base of a disk, as far as that shows
   * before it is unpacked.
   *
   * @throws VmException image.not_found, image.invalid, image.unsupported, …
   */
  public static void requireImage(Path file) {
    ImageCache.require(file);
  }

  /**
   * What an image file of this host is, by its content.
   *
   * @throws VmException image.not_found, image.invalid, image.unsupported, …
   */
  public static ImageFile inspect(Path file) {
    ImageFacts facts = ImageCache.inspect(file);
    return new ImageFile(
        file.toString(), facts.format().text(), facts.virtualSizeBytes(), facts.fileBytes());
  }

  private static String holders(HostLocks locks, Path lock) {
    return locks.holders(lock).stream().map(LockHolder::toString).collect(joining(", "));
  }

  /** What can be asked of it. Closing that is closing this. */
  public Vmctl api() {
    return api;
  }

  /** Looks at every source and every VM again, and at what has been in the trash for too long. */
  public void resync() {
    Objects.requireNonNull(opened.get()).api.resync();
  }

  /** What the engine says of itself; asks no hypervisor. */
  public EngineStats stats() {
    return engine().stats();
  }

  /** The repositories that are followed now. */
  public List<GitRepository> repositories() {
    return Objects.requireNonNull(opened.get()).sources.repositories();
  }

  private Engine engine() {
    return Objects.requireNonNull(opened.get()).engine;
  }

  @Override
  public void close() {
    closeAll(closing);
  }

  private static void closeAll(Deque<AutoCloseable> closing) {
    RuntimeException first = null;
    while (!closing.isEmpty()) {
      @Nullable RuntimeException failure = close(closing.pop());
      first = first == null ? failure : first;
    }
    if (first != null) {
      throw first;
    }
  }

  private static @Nullable RuntimeException close(AutoCloseable part) {
    try {
      part.close();
      return null;
    } catch (RuntimeException e) {
      return e;
    } catch (Exception e) {
      return new IllegalStateException("cannot close " + part.getClass().getSimpleName(), e);
    }
  }
}
