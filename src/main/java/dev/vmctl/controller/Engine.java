package dev.vmctl.controller;

import dev.vmctl.hypervisor.Observation;
import dev.vmctl.model.VmName;
import dev.vmctl.source.Source;
import dev.vmctl.store.VmRecord;
import dev.vmctl.store.VmStore;
import dev.vmctl.workqueue.WorkQueue;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/**
 * The loop: queue, reconciler, operations and the watched sources.
 *
 * <p>Everything that happens only puts a VM's name into the queue. Runs on the injected time line
 * and starts no thread of its own.
 */
public final class Engine implements AutoCloseable {
  private static final System.Logger log = System.getLogger(Engine.class.getName());

  private final EngineParts parts;
  private final EngineSettings settings;
  private final Watchers watchers = new Watchers();
  private final VmRuntimes runtimes = new VmRuntimes();
  private final VmStore store;
  private final Intents intents;
  private final Events events;
  private final Observing observing;
  private final Operations operations;
  private final WorkQueue<VmName> queue;
  private final List<SourceSync> sources = new ArrayList<>();
  private final Predicate<VmName> scope;
  private volatile boolean closed;
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
    store = new WatchedStore(parts.store(), watchers);
    intents = new Intents(parts.random(), parts.runDirectory());
    events = new Events(parts);
    observing = new Observing(parts, settings, store, intents, events);
    operations = new Operations(this::wake);
    Steps steps =
        new Steps(
            parts, settings, store, observing, operations, intents, events, runtimes, watchers);
    Reconciler reconciler =
        new Reconciler(
            parts, settings, store, observing, steps, operations, runtimes, intents, events);
    queue =
        new WorkQueue<>(
            parts.timeline(), parts.random(), settings.backoff(), settings.workers(), reconciler);
    watched.forEach(
        source ->
            sources.add(
                new SourceSync(
                    source, parts, settings, store, intents, events, runtimes, this::wake)));
    parts.hypervisors().onWake(this::wake);
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

  /** Looks at the sources again. */
  public void syncSources() {
    for (SourceSync source : sources) {
      try {
        Duration again = source.sync();
        if (again.isPositive()) {
          parts.timeline().schedule(again.plusMillis(1), this::syncSources);
        }
      } catch (RuntimeException e) {
        // A fault of one source must not keep the others from being read; the resync comes back to
        // it.
        log.log(System.Logger.Level.ERROR, "cannot follow " + source.id(), e);
        events.warning(null, "SourceFailed", source.id() + ": " + e.getMessage());
      }
    }
  }

  /** Deletes what has been in the trash for longer than it is kept. */
  public void expireTrash() {
    Instant before = parts.timeline().now().minus(settings.trashRetention());
    parts
        .disks()
        .expire(before)
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

  /** What it can say of itself without asking any hypervisor. */
  public EngineStats stats() {
    List<EngineStats.Vm> vms = new ArrayList<>();
    for (VmName name : store.names()) {
      Observation seen = runtimes.of(name).seen;
      store
          .read(name)
          .ifPresent(
              record ->
                  vms.add(stats(record, seen == null ? new Observation.Unknown("not yet") : seen)));
    }
    List<EngineStats.Source> states =
        sources.stream()
            .map(source -> new EngineStats.Source(source.id().toString(), source.isReadable()))
            .toList();
    return new EngineStats(!closed, queue.depth(), vms, states);
  }

  private EngineStats.Vm stats(VmRecord record, Observation seen) {
    return new EngineStats.Vm(
        record.name(),
        parts.hypervisors().tag(Observing.specThatRuns(record)).text(),
        record.source().toString(),
        Views.state(record, seen),
        Views.isReady(record, seen),
        record.restartCount());
  }

  /** Whether all watched sources could be read when they were looked at last. */
  public boolean sourcesReadable() {
    return sources.stream().allMatch(SourceSync::isReadable);
  }

  /** Whether every VM in scope has been looked at since the start. */
  public boolean isAdopted() {
    return known.stream()
        .allMatch(name -> runtimes.of(name).seen != null || store.read(name).isEmpty());
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

  Observing observing() {
    return observing;
  }

  VmRuntime runtime(VmName name) {
    return runtimes.of(name);
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

  /** Ends the loop. Operations are given up; no VM is stopped. */
  @Override
  public void close() {
    closed = true;
    queue.close();
    operations.cancelAll();
    watchers.close();
  }
}
