package dev.vmctl.controller;

import dev.vmctl.host.Log;
import dev.vmctl.hypervisor.Observation;
import dev.vmctl.image.StoredImage;
import dev.vmctl.model.VmEvent;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmFields;
import dev.vmctl.model.VmName;
import dev.vmctl.model.VmSpec;
import dev.vmctl.source.Source;
import dev.vmctl.store.VmRecord;
import dev.vmctl.store.VmStore;
import dev.vmctl.workqueue.Timeline;
import dev.vmctl.workqueue.WorkQueue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The loop: queue, reconciler, operations and the watched sources.
 *
 * <p>Everything that happens only puts a VM's name into the queue. Runs on the injected time line
 * and starts no thread of its own.
 */
public final class Engine implements AutoCloseable {
  private static final System.Logger log = Log.of(Engine.class);

  /** No step takes longer. */
  private static final Duration LONGEST_STEP = Duration.ofSeconds(30);

  /** A loop that has work and does none of it for so long will do none any more. */
  private static final Duration HANGS = Duration.ofSeconds(4 * LONGEST_STEP.toSeconds());

  private static final long MEBIBYTE = 1L << 20;

  private final EngineParts parts;
  private final EngineSettings settings;
  private final Watchers watchers;
  private final VmRuntimes runtimes = new VmRuntimes();
  private final VmStore store;
  private final Intents intents;
  private final Events events;
  private final Observing observing;
  private final Operations operations;
  private final Liveness liveness;
  private final Order order;
  private final Room room;
  private final Releases releases;
  private final Past past;
  private final Rollback rollback;
  private final Cloning cloning;
  private final WorkQueue<VmName> queue;
  private final List<SourceSync> sources = new CopyOnWriteArrayList<>();
  private final Predicate<VmName> scope;
  private volatile boolean closed;
  private Timeline.@Nullable Cancellation settling;
  private final Set<VmName> known = ConcurrentHashMap.newKeySet();

  /**
   * @param scope which VMs it acts on; the others are left alone
   * @param watched the sources it follows
   */
  public Engine(
      EngineParts parts, EngineSettings settings, Predicate<VmName> scope, List<Source> watched) {
    this.parts = parts;
    this.settings = settings;
    this.scope = scope;
    // Versions of an engine before this one are lower: who waits with one of those gets it all.
    watchers = new Watchers(parts.timeline().now().toEpochMilli() * 1000);
    store = new WatchedStore(parts.store(), watchers);
    intents = new Intents(parts.random(), parts.runDirectory());
    events = new Events(parts);
    observing = new Observing(parts, settings, store, intents, events);
    releases = new Releases(parts, store, observing, events);
    operations = new Operations(this::wake, parts);
    Reaching reaching = new Reaching(observing);
    DataDisks dataDisks = new DataDisks(parts, events);
    room = new Room(parts, settings);
    Preflight preflight = new Preflight(parts, dataDisks, room);
    past = new Past(parts, store, observing);
    rollback = new Rollback(parts, store, observing, intents, events, preflight, past);
    cloning = new Cloning(parts, store, intents, operations, events, this::wake);
    order = new Order(parts, store, observing, runtimes, scope);
    liveness = new Liveness(parts, reaching, runtimes, events, this::wake);
    queue =
        new WorkQueue<>(
            parts.timeline(),
            parts.random(),
            settings.backoff(),
            settings.workers(),
            reconciler(reaching, dataDisks, preflight));
    watched.forEach(this::follow);
    parts.hypervisors().onWake(this::wake);
  }

  private Reconciler reconciler(Reaching reaching, DataDisks dataDisks, Preflight preflight) {
    WayBack wayBack = new WayBack(parts, settings, store, intents, events, past, rollback);
    Adjusting adjusting = new Adjusting(parts, dataDisks, events);
    Seeds seeds = new Seeds(parts, new Neighbourhood(store));
    Fetching fetching = new Fetching(parts, operations, watchers);
    Failures failures = new Failures(parts, settings, store, observing, events, watchers);
    GuestSteps guests =
        new GuestSteps(parts, settings, store, observing, reaching, operations, intents, watchers);
    MemoryOnDisk memory = new MemoryOnDisk(parts, store, observing, operations, events);
    PowerSteps power =
        new PowerSteps(
            parts,
            settings,
            store,
            observing,
            preflight,
            dataDisks,
            seeds,
            fetching,
            operations,
            events,
            runtimes,
            watchers,
            memory);
    DiskSteps disks =
        new DiskSteps(
            parts, store, observing, preflight, dataDisks, seeds, fetching, power, cloning, intents,
            events, runtimes);
    SnapshotSteps snapshots =
        new SnapshotSteps(
            parts,
            store,
            observing,
            new SnapshotRules(parts),
            operations,
            intents,
            events,
            runtimes);
    Steps steps =
        new Steps(
            store,
            observing,
            reaching,
            operations,
            preflight,
            adjusting,
            seeds,
            fetching,
            disks,
            power,
            guests,
            snapshots,
            memory);
    Results results =
        new Results(
            parts,
            store,
            operations,
            steps,
            power,
            guests,
            snapshots,
            memory,
            failures,
            intents,
            events);
    return new Reconciler(
        parts,
        settings,
        store,
        observing,
        steps,
        power,
        results,
        failures,
        liveness,
        wayBack,
        order,
        room,
        releases,
        cloning,
        operations,
        runtimes,
        events);
  }

  /**
   * Reads the sources and looks at every VM in scope: adopts what runs, finishes what was begun.
   */
  public void start() {
    resync();
  }

  /** Looks at every source and every VM again: the net under all wake-ups. */
  public void resync() {
    syncSources();
    store.names().forEach(this::wake);
  }

  /** Follows one more source. */
  SourceSync follow(Source source) {
    SourceSync sync =
        new SourceSync(
            source, parts, settings, store, intents, events, runtimes, order, this::wake);
    sources.add(sync);
    return sync;
  }

  void leave(SourceSync sync) {
    sources.remove(sync);
    sync.leave();
  }

  /** Looks at the sources again. */
  public void syncSources() {
    if (closed) {
      return;
    }
    Duration again = Duration.ZERO;
    for (SourceSync source : sources) {
      try {
        Duration next = source.sync();
        boolean sooner = again.isZero() || next.compareTo(again) < 0;
        again = next.isPositive() && sooner ? next : again;
      } catch (RuntimeException e) {
        // A fault of one source must not keep the others from being read; the resync comes back to
        // it.
        log.log(System.Logger.Level.ERROR, "cannot follow " + source.id(), e);
        events.warning(null, "SourceFailed", source.id() + ": " + e.getMessage());
      }
    }
    lookAgain(again);
  }

  /** One timer for all: a source that is written to all the time must not pile them up. */
  private synchronized void lookAgain(Duration again) {
    if (again.isPositive() && !closed) {
      if (settling != null) {
        settling.cancel();
      }
      settling = parts.timeline().schedule(again.plusMillis(1), this::syncSources);
    }
  }

  /** Deletes what has been in the trash for longer than it is kept. */
  public void expireTrash() {
    parts
        .disks()
        .expire(settings.trashRetention())
        .forEach(
            entry ->
                events.normal(entry.vm(), "TrashExpired", entry.id() + " was deleted for good"));
  }

  /** Asks for a look at this VM, if it is in scope. */
  public void wake(VmName name) {
    if (scope.test(name)) {
      known.add(name);
      queue.add(name);
    }
  }

  /** A record was changed by another process: tells whoever follows it. */
  public void changedElsewhere(VmName name) {
    watchers.changed(name);
  }

  /** What it can say of itself without asking any hypervisor. */
  public EngineStats stats() {
    List<EngineStats.Vm> vms = new ArrayList<>();
    for (VmName name : store.names()) {
      Observation seen = runtimes.of(name).seen;
      read(name)
          .ifPresent(
              record ->
                  vms.add(stats(record, seen == null ? new Observation.Unknown("not yet") : seen)));
    }
    return new EngineStats(
        !closed && queue.stuckFor().compareTo(HANGS) < 0,
        queue.depth(),
        vms,
        sources.stream().map(SourceSync::stats).toList(),
        host());
  }

  private EngineStats.Host host() {
    List<StoredImage> images = parts.images().stock();
    return new EngineStats.Host(
        parts.room().freeMemoryBytes(),
        parts.room().freeDiskBytes(parts.data().root()),
        images.size(),
        images.stream().mapToLong(StoredImage::storedBytes).sum());
  }

  /** One record that cannot be read must not hide the others. */
  Optional<VmRecord> read(VmName name) {
    try {
      return store.read(name);
    } catch (VmException e) {
      log.log(System.Logger.Level.WARNING, "{0}: {1}", name, e.getMessage());
      return Optional.empty();
    }
  }

  private EngineStats.Vm stats(VmRecord record, Observation seen) {
    VmSpec spec = Observing.specThatRuns(record);
    return new EngineStats.Vm(
        record.name(),
        parts.hypervisors().tag(spec).text(),
        record.source().toString(),
        Views.state(record, seen),
        Views.isReady(record, seen),
        record.restartCount(),
        Views.isDrifted(record),
        !record.holds().isEmpty(),
        Objects.requireNonNull(VmFields.VCPUS.effective(spec)),
        Objects.requireNonNull(VmFields.MEMORY.effective(spec)) * MEBIBYTE,
        Views.pid(seen));
  }

  /** Whether all watched sources could be read when they were looked at last. */
  public boolean sourcesReadable() {
    return sources.stream().allMatch(SourceSync::isReadable);
  }

  /** Whether every VM in scope has been looked at since the start. */
  public boolean isAdopted() {
    known.removeIf(name -> runtimes.of(name).seen != null || read(name).isEmpty());
    return known.isEmpty();
  }

  List<SourceSync> sources() {
    return List.copyOf(sources);
  }

  /** Tells of something that concerns no single VM. */
  public void tell(VmEvent.Type type, String reason, String message) {
    switch (type) {
      case NORMAL -> events.normal(null, reason, message);
      case WARNING -> events.warning(null, reason, message);
    }
  }

  VmStore store() {
    return store;
  }

  Watchers watchers() {
    return watchers;
  }

  Intents intents() {
    return intents;
  }

  Events events() {
    return events;
  }

  Order order() {
    return order;
  }

  Room room() {
    return room;
  }

  Past past() {
    return past;
  }

  Rollback rollback() {
    return rollback;
  }

  Releases releases() {
    return releases;
  }

  Cloning cloning() {
    return cloning;
  }

  Observing observing() {
    return observing;
  }

  VmRuntime runtime(VmName name) {
    return runtimes.of(name);
  }

  /**
   * What is done or waited for, or why nothing can be. What takes long says itself how far it is.
   */
  String activity(VmName name) {
    VmRuntime runtime = runtimes.of(name);
    return runtime.trouble.isEmpty()
        ? operations.of(name).map(Operations.Operation::activity).orElse(runtime.activity)
        : "waiting to try again after: " + runtime.trouble;
  }

  EngineParts parts() {
    return parts;
  }

  EngineSettings settings() {
    return settings;
  }

  /** How this VM was seen last; looks if it was not seen yet. */
  Observation seen(VmRecord record) {
    return Optional.ofNullable(runtimes.of(record.name()).seen)
        .orElseGet(
            () ->
                parts
                    .hypervisors()
                    .of(Observing.specThatRuns(record))
                    .peek(observing.handle(record), Duration.ofSeconds(1)));
  }

  /**
   * Ends the loop: waits for the steps that are under way, gives operations up, and stops no VM.
   */
  @Override
  public void close() {
    closed = true;
    queue.close();
    // A QEMU that is being started is ours to see up: cut off from its starter it would be ended.
    if (!queue.awaitHandlers(LONGEST_STEP)) {
      log.log(System.Logger.Level.WARNING, "closed while steps are still under way");
    }
    liveness.close();
    operations.cancelAll();
    watchers.close();
  }
}
