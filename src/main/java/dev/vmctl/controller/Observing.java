package dev.vmctl.controller;

import dev.vmctl.host.Log;
import dev.vmctl.hypervisor.Hypervisor;
import dev.vmctl.hypervisor.Observation;
import dev.vmctl.hypervisor.VmHandle;
import dev.vmctl.model.Capabilities.Capability;
import dev.vmctl.model.ExitReason;
import dev.vmctl.model.LaunchFacts;
import dev.vmctl.model.VmSpec;
import dev.vmctl.plan.Ability;
import dev.vmctl.plan.HeldBack;
import dev.vmctl.plan.Plan;
import dev.vmctl.plan.Planner;
import dev.vmctl.plan.Situation;
import dev.vmctl.plan.Situation.Power;
import dev.vmctl.plan.Situation.Seen;
import dev.vmctl.store.Applied;
import dev.vmctl.store.DataDirectory;
import dev.vmctl.store.Desired;
import dev.vmctl.store.Exit;
import dev.vmctl.store.Hold;
import dev.vmctl.store.Pending;
import dev.vmctl.store.Provisioned;
import dev.vmctl.store.Saved;
import dev.vmctl.store.SnapshotTask;
import dev.vmctl.store.VmRecord;
import dev.vmctl.store.VmStore;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/** Looks at a VM afresh and writes down what has ended or begun since we looked last. */
final class Observing {
  private static final System.Logger log = Log.of(Observing.class);

  private final EngineParts parts;
  private final EngineSettings settings;
  private final VmStore store;
  private final Intents intents;
  private final Events events;
  private final DiskFiles files;

  Observing(
      EngineParts parts, EngineSettings settings, VmStore store, Intents intents, Events events) {
    this.parts = parts;
    this.settings = settings;
    this.store = store;
    this.intents = intents;
    this.events = events;
    this.files = new DiskFiles(parts);
  }

  /** A handle to what was applied last, or will be. */
  static VmHandle handle(VmRecord record, DataDirectory data) {
    Applied applied = record.applied();
    LaunchFacts facts = applied == null ? null : applied.facts();
    return new VmHandle(
        record.name(), record.uuid(), data.vm(record.name()), record.runDirectory(), facts);
  }

  VmHandle handle(VmRecord record) {
    return handle(record, parts.data());
  }

  /** Looks. */
  Look look(VmRecord before) {
    VmRecord remembered = afterBoot(before);
    Hypervisor hypervisor = parts.hypervisors().of(specThatRuns(remembered));
    long asked = parts.timeline().nanoTime();
    Observation seen = observe(remembered, hypervisor);
    Duration took = Duration.ofNanos(parts.timeline().nanoTime() - asked);
    parts.observer().looked(hypervisor.backend(), took);
    VmRecord record = note(remembered, hypervisor, seen);
    boolean mayStart = !record.staysEnded();
    HeldBack heldBack = heldBack(record, hypervisor);
    VmRecord target = without(record, heldBack);
    return new Look(
        record, target, heldBack, hypervisor, seen, mayStart, plan(target, hypervisor, seen));
  }

  /**
   * A guest that was to go on from its memory on disk, and that nobody lived to write down, has not
   * run yet: it is begun anew.
   */
  private Observation observe(VmRecord record, Hypervisor hypervisor) {
    Observation seen = hypervisor.observe(handle(record));
    Applied applied = record.applied();
    boolean begun =
        applied != null
            && !applied.running()
            && record.saved().filter(saved -> !saved.unwanted()).isPresent();
    if (!begun || !(seen instanceof Observation.Suspended)) {
      return seen;
    }
    hypervisor.kill(handle(record));
    return hypervisor.observe(handle(record));
  }

  /** What is declared and waits for somebody to ask for it. */
  HeldBack heldBack(VmRecord record, Hypervisor hypervisor) {
    Applied applied = record.applied();
    Desired desired = record.desired();
    return HeldBack.of(
        applied == null ? null : applied.spec(),
        desired.spec(),
        ability(record, hypervisor),
        desired.approved(),
        settings.policy().apply());
  }

  /** The record as if what waits were not declared. */
  static VmRecord without(VmRecord record, HeldBack heldBack) {
    return heldBack.changes().isEmpty()
        ? record
        : record.withDesired(record.desired().withSpec(heldBack.now(), record.desired().hash()));
  }

  /** What follows from a record and an observation. */
  Plan plan(VmRecord record, Hypervisor hypervisor, Observation seen) {
    return Planner.plan(situation(record, hypervisor, seen, !record.staysEnded()));
  }

  /** What was declared when it was made decides who runs it, until it is replaced. */
  static VmSpec specThatRuns(VmRecord record) {
    Applied applied = record.applied();
    return applied == null ? record.desired().spec() : applied.spec();
  }

  /** When a guest that keeps ending by itself is started again; empty when that may be at once. */
  Optional<Instant> heldBackUntil(VmRecord record) {
    Exit exit = record.lastExit();
    if (exit == null || !endedUnasked(record) || record.staysEnded()) {
      return Optional.empty();
    }
    int recent = recentRestarts(record).size();
    if (recent == 0) {
      return Optional.empty();
    }
    Instant now = parts.timeline().now();
    if (exit.at().isAfter(now)) {
      return Optional.empty(); // The clock was set back: that moment says nothing any more.
    }
    Instant due = exit.at().plus(settings.crashBackoff().after(recent, parts.random()));
    return Optional.of(due).filter(now::isBefore);
  }

  /** Whether the guest ended last without anybody asking for it. */
  static boolean endedUnasked(VmRecord record) {
    return record.lastExit() != null && record.lastExit().reason() != ExitReason.STOPPED;
  }

  List<Instant> recentRestarts(VmRecord record) {
    Instant now = parts.timeline().now();
    Instant since = now.minus(settings.crashWindow());
    return record.restarts().stream().filter(at -> at.isAfter(since) && !at.isAfter(now)).toList();
  }

  static boolean isCrash(ExitReason reason) {
    return switch (reason) {
      case CRASH, GUEST_PANIC, HUNG -> true;
      case GUEST_SHUTDOWN, STOPPED -> false;
    };
  }

  static Power power(VmRecord record) {
    if (record.isHeld(Hold.Kind.STOPPED) || record.isHeld(Hold.Kind.DRAINED)) {
      return Power.STOPPED;
    }
    if (record.isHeld(Hold.Kind.SUSPENDED_TO_DISK)) {
      return Power.SUSPENDED_TO_DISK;
    }
    return record.isHeld(Hold.Kind.SUSPENDED) ? Power.SUSPENDED : Power.RUNNING;
  }

  /** What was held until the host's next boot, after that boot. */
  private VmRecord afterBoot(VmRecord record) {
    String boot = parts.bootId();
    if (record.holds().stream().noneMatch(hold -> hold.isOver(boot))) {
      return record;
    }
    events.normal(record.name(), "HostBooted", "the host has booted: it comes back as it was");
    return change(
        record,
        now -> now.withHolds(now.holds().stream().filter(hold -> !hold.isOver(boot)).toList()));
  }

  private VmRecord note(VmRecord record, Hypervisor hypervisor, Observation seen) {
    Applied applied = record.applied();
    if (applied == null) {
      return record;
    }
    return switch (seen) {
      case Observation.Absent() -> applied.running() ? gone(record, applied) : record;
      case Observation.Exited(ExitReason reason) ->
          applied.running()
              ? ended(record, PowerSteps.isStopping(record) ? stopped(record) : reason)
              : record;
      case Observation.Running running -> applied.running() ? record : begun(record, hypervisor);
      case Observation.Suspended suspended ->
          applied.running() ? record : begun(record, hypervisor);
      case Observation.Unknown unknown -> record;
    };
  }

  /** Gone with its memory on disk, or without. */
  private VmRecord gone(VmRecord record, Applied applied) {
    Saved saved = applied.saved();
    if (saved != null && files.have(files.of(record), saved.tag())) {
      return savedToDisk(record, saved);
    }
    return ended(
        change(record, now -> now.mapApplied(had -> had.withSaved(null))),
        whyGone(record, applied));
  }

  /** Its memory is whole, and its process gone. */
  VmRecord savedToDisk(VmRecord record, Saved saved) {
    Exit exit = new Exit(ExitReason.STOPPED, parts.timeline().now());
    VmRecord after =
        change(
            record,
            now ->
                now.mapApplied(had -> had.ended().withSaved(saved.asWhole()))
                    .withLastExit(exit)
                    .withPending(null));
    events.normal(record.name(), "SuspendedToDisk", "its memory is on disk, and its process gone");
    return after;
  }

  private ExitReason whyGone(VmRecord record, Applied applied) {
    LaunchFacts facts = applied.facts();
    boolean rebooted = facts != null && !facts.bootId().equals(parts.bootId());
    return PowerSteps.isStopping(record)
        ? stopped(record)
        : rebooted ? ExitReason.STOPPED : ExitReason.CRASH;
  }

  private static ExitReason stopped(VmRecord record) {
    Pending pending = record.pending();
    boolean toHeal = pending != null && pending.action().equals(PowerSteps.HEAL);
    return toHeal ? ExitReason.HUNG : ExitReason.STOPPED;
  }

  private VmRecord ended(VmRecord record, ExitReason reason) {
    Exit exit = new Exit(reason, parts.timeline().now());
    VmRecord after =
        change(record, now -> now.mapApplied(Applied::ended).withLastExit(exit).withPending(null));
    String message = reason == ExitReason.STOPPED ? "stopped" : Endings.message(after);
    switch (reason) {
      case STOPPED, GUEST_SHUTDOWN -> events.normal(record.name(), reason.text(), message);
      case GUEST_PANIC, CRASH -> events.warning(record.name(), reason.text(), message);
      case HUNG -> log.log(System.Logger.Level.DEBUG, "{0} is down, to come back", record.name());
    }
    heldBackUntil(after)
        .ifPresent(
            due ->
                events.warning(
                    record.name(), Endings.BACK_OFF, Endings.backOff(recentRestarts(after), due)));
    return after;
  }

  /** It runs and we had not written that down: we were killed between starting it and saying so. */
  private VmRecord begun(VmRecord record, Hypervisor hypervisor) {
    Optional<LaunchFacts> facts = hypervisor.recall(handle(record));
    if (facts.isEmpty()) {
      return record;
    }
    events.normal(record.name(), "Adopted", "found running after a start that was interrupted");
    Instant at = parts.timeline().now();
    return change(
        record,
        now -> now.mapApplied(applied -> applied.started(facts.get(), at)).withPending(null));
  }

  private VmRecord change(VmRecord record, UnaryOperator<VmRecord> change) {
    VmRecord after = store.update(record.name(), now -> now == null ? null : change.apply(now));
    return after == null ? record : after;
  }

  private Situation situation(
      VmRecord record, Hypervisor hypervisor, Observation seen, boolean mayStart) {
    Applied applied = record.applied();
    SnapshotTask task = record.task();
    return new Situation(
        record.desired().spec(),
        record.desired().diskId(),
        applied == null ? null : applied.spec(),
        applied == null ? null : applied.diskId(),
        applied != null && applied.generation() == record.desired().generation(),
        seen(seen),
        power(record),
        record.removal() != null,
        record.desired().settled(),
        mayStart,
        applied != null && applied.isReady(),
        provisionNeeded(record, hypervisor),
        ability(record, hypervisor),
        record.saved().filter(saved -> !saved.unwanted()).isPresent(),
        task == null || !task.isPending() ? "" : task.text());
  }

  /** What can be changed of it without stopping it. */
  Ability ability(VmRecord record, Hypervisor hypervisor) {
    Applied applied = record.applied();
    LaunchFacts facts = applied == null || !applied.running() ? null : applied.facts();
    if (applied != null && facts != null && facts.adopted() != null) {
      // It has none of the devices by which vmctl changes what runs.
      boolean reached = Reaching.hasWayIn(applied.spec(), hypervisor);
      return new Ability(Set.of(), null, reached, Set.copyOf(applied.refused()));
    }
    return applied == null
        ? Ability.NONE
        : Ability.of(
            hypervisor.capabilities(),
            facts == null ? null : facts.room(),
            facts != null && Reaching.hasWayIn(applied.spec(), hypervisor),
            Set.copyOf(applied.refused()));
  }

  private boolean provisionNeeded(VmRecord record, Hypervisor hypervisor) {
    if (record.desired().spec().provision().isEmpty()
        || !hypervisor.capabilities().has(Capability.GUEST)) {
      return false;
    }
    Provisioned ended = record.provision();
    return ended == null || !ended.isFor(record.desired().diskId(), intents.stepsHash(record));
  }

  static Seen seen(Observation observation) {
    return switch (observation) {
      case Observation.Absent absent -> Seen.ABSENT;
      case Observation.Running running -> Seen.RUNNING;
      case Observation.Suspended suspended -> Seen.SUSPENDED;
      case Observation.Exited exited -> Seen.EXITED;
      case Observation.Unknown unknown -> Seen.UNKNOWN;
    };
  }
}
