package dev.vmctl.controller;

import dev.vmctl.controller.Operations.Operation;
import dev.vmctl.controller.Steps.Outcome;
import dev.vmctl.disk.Disks;
import dev.vmctl.guest.Guests;
import dev.vmctl.hypervisor.Hypervisor;
import dev.vmctl.hypervisor.Launch;
import dev.vmctl.hypervisor.Observation;
import dev.vmctl.hypervisor.VmHandle;
import dev.vmctl.image.ImageSource;
import dev.vmctl.model.Capabilities.Capability;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.ExitReason;
import dev.vmctl.model.LaunchFacts;
import dev.vmctl.model.VmException;
import dev.vmctl.plan.Action;
import dev.vmctl.store.Applied;
import dev.vmctl.store.Hold;
import dev.vmctl.store.Pending;
import dev.vmctl.store.Replaced;
import dev.vmctl.store.VmRecord;
import dev.vmctl.store.VmStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** The steps that start, stop, freeze and thaw a guest. */
final class PowerSteps {
  /** Names under which begun actions are recorded. */
  static final String STOP = "stop";

  /** A stop of a guest that has hung: it is to come back. */
  static final String HEAL = "heal";

  private final EngineParts parts;
  private final EngineSettings settings;
  private final VmStore store;
  private final Observing observing;
  private final Preflight preflight;
  private final DataDisks dataDisks;
  private final Seeds seeds;
  private final Fetching fetching;
  private final Operations operations;
  private final Events events;
  private final VmRuntimes runtimes;
  private final Watchers watchers;
  private final MemoryOnDisk memory;

  PowerSteps(
      EngineParts parts,
      EngineSettings settings,
      VmStore store,
      Observing observing,
      Preflight preflight,
      DataDisks dataDisks,
      Seeds seeds,
      Fetching fetching,
      Operations operations,
      Events events,
      VmRuntimes runtimes,
      Watchers watchers,
      MemoryOnDisk memory) {
    this.parts = parts;
    this.settings = settings;
    this.store = store;
    this.observing = observing;
    this.preflight = preflight;
    this.dataDisks = dataDisks;
    this.seeds = seeds;
    this.fetching = fetching;
    this.operations = operations;
    this.events = events;
    this.runtimes = runtimes;
    this.watchers = watchers;
    this.memory = memory;
  }

  Outcome start(Look look) {
    VmRecord record = look.target();
    Applied applied = Objects.requireNonNull(record.applied());
    Hypervisor hypervisor = look.hypervisor();
    boolean hasDisk = hypervisor.capabilities().has(Capability.DISK);
    VmHandle handle = observing.handle(record);
    Path disk = parts.disks().attachment(handle.directory().resolve(Disks.OVERLAY));
    Path seed = handle.directory().resolve(Guests.SEED);
    if (hasDisk) {
      preflight.checkDisks(record);
      if (Neighbourhood.has(applied.spec())) {
        // Who else is there may have changed since.
        seeds.write(record, applied.spec(), applied.diskId());
      }
    }
    String tag = memory.tag(record);
    boolean afterCrash = Observing.endedUnasked(record);
    runtimes.of(record.name()).activity = "starting";
    watchers.changed(record.name());
    if (tag == null) {
      // One that goes on does not say again what it said when it booted.
      parts.guests().starting(handle.directory());
    }
    // No intent is recorded: what a start cut short leaves behind, the hypervisor recalls by
    // itself.
    LaunchFacts facts =
        hypervisor.start(
            new Launch(
                handle,
                applied.spec(),
                record.mac(),
                applied.facts(),
                hasDisk ? disk : null,
                hasDisk ? dataDisks.attached(record) : List.of(),
                hasDisk && hasSeed(record, seed) ? seed : null,
                tag));
    Instant at = parts.timeline().now();
    List<Instant> restarts = new ArrayList<>(observing.recentRestarts(record));
    if (afterCrash) {
      restarts.add(at);
    }
    store.change(
        record.name(),
        now ->
            started(now, facts, at)
                .withPending(null)
                .withLastExit(null)
                .withRestarts(restarts, now.restartCount() + (afterCrash ? 1 : 0)));
    if (tag == null) {
      events.normal(
          record.name(),
          afterCrash ? "Restarted" : "Started",
          afterCrash ? "brought back after it had ended unasked" : "started");
    } else {
      events.normal(record.name(), "Started", "goes on from its memory on disk");
      memory.forget(look, record);
    }
    return Outcome.DONE;
  }

  /** A guest that others have set up may have none. */
  private static boolean hasSeed(VmRecord record, Path seed) {
    return !record.isAdopted(Objects.requireNonNull(record.applied()).diskId())
        || Files.exists(seed);
  }

  private static VmRecord started(VmRecord record, LaunchFacts facts, Instant at) {
    Replaced replaced = record.replaced();
    return record
        .mapApplied(had -> had.started(facts, at))
        .withReplaced(replaced == null ? null : replaced.startedAt(at));
  }

  Outcome stop(Look look, Action.Stop stop) {
    VmRecord record = look.target();
    if (operations.of(record.name()).isPresent()) {
      return Outcome.UNDER_WAY;
    }
    // What follows the stop must be possible, or the VM would be down for nothing.
    if (look.plan().actions().stream().anyMatch(Preflight::isFor)) {
      Optional<ImageSource> missing = preflight.check(record, look.plan());
      if (missing.isPresent()) {
        return fetching.fetch(record, missing.get());
      }
    }
    events.normal(record.name(), "Stopping", stop.reason());
    beginStop(look, STOP, stop.reason());
    return Outcome.UNDER_WAY;
  }

  /** Stops a guest that has hung: that it ended so is seen at the next look, and it comes back. */
  void heal(Look look, String reason) {
    events.warning(look.record().name(), ExitReason.HUNG.text(), reason + "; it is restarted");
    beginStop(look, HEAL, reason);
  }

  private void beginStop(Look look, String action, String reason) {
    VmRecord record = look.record();
    Applied applied = Objects.requireNonNull(record.applied());
    Instant began = parts.timeline().now();
    store.change(
        record.name(),
        now ->
            now.withPending(new Pending(action, applied.generation(), began))
                // A frozen guest is let run to hear of it: what was half written is void.
                .mapApplied(had -> had.withSaved(null)));
    operations.start(
        record.name(),
        new Operation(
            Operations.Kind.STOP,
            grace(record).toString(),
            "stopping: " + reason,
            look.hypervisor().stop(observing.handle(record), grace(record))));
  }

  /** Whether a stop has been begun, for whatever reason. */
  static boolean isStopping(VmRecord record) {
    Pending pending = record.pending();
    return pending != null && (pending.action().equals(STOP) || pending.action().equals(HEAL));
  }

  Duration grace(VmRecord record) {
    return record.holds().stream()
        .filter(hold -> hold.kind() == Hold.Kind.STOPPED || hold.kind() == Hold.Kind.DRAINED)
        .map(Hold::grace)
        .findFirst()
        .orElse(settings.stopGrace());
  }

  Outcome reap(Look look) {
    look.hypervisor().reap(observing.handle(look.target()));
    return Outcome.DONE;
  }

  Outcome suspend(Look look) {
    Preflight.require(look.hypervisor(), Capability.SUSPEND);
    look.hypervisor().suspend(observing.handle(look.target()));
    events.normal(look.target().name(), "Suspended", "frozen on request");
    return Outcome.DONE;
  }

  Outcome resume(Look look) {
    VmHandle handle = observing.handle(look.target());
    if (look.record().saved().isPresent()) {
      // Before it writes anything: it would be lost with the next start.
      store.change(look.record().name(), now -> now.mapApplied(had -> had.withSaved(null)));
    }
    look.hypervisor().resume(handle);
    if (look.hypervisor().observe(handle) instanceof Observation.Suspended) {
      throw new VmException(
          ErrorCode.DISK_FULL,
          look.target().name() + " froze again at once: the host cannot read or write its disk",
          "see whether the file system of "
              + parts.data().root()
              + " is full; it is tried again by itself");
    }
    events.normal(look.target().name(), "Resumed", "running again");
    return Outcome.DONE;
  }
}
