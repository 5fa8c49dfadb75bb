package dev.vmctl.controller;

import dev.vmctl.image.ImageSource;
import dev.vmctl.model.Capabilities.Capability;
import dev.vmctl.model.VmException;
import dev.vmctl.plan.Action;
import dev.vmctl.store.Applied;
import dev.vmctl.store.Desired;
import dev.vmctl.store.VmRecord;
import dev.vmctl.store.VmStore;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * Carries out actions: each either a short step with a deadline, or the start of an operation.
 * Every one may be repeated after a crash.
 */
final class Steps {
  /** How long the way into a guest that was seen ready may take. */
  private static final Duration ADJUST_DEADLINE = Duration.ofSeconds(30);

  private final VmStore store;
  private final Observing observing;
  private final Reaching reaching;
  private final Operations operations;
  private final Preflight preflight;
  private final Adjusting adjusting;
  private final Seeds seeds;
  private final Fetching fetching;
  private final DiskSteps disks;
  private final PowerSteps power;
  private final GuestSteps guests;
  private final SnapshotSteps snapshots;
  private final MemoryOnDisk memory;

  Steps(
      VmStore store,
      Observing observing,
      Reaching reaching,
      Operations operations,
      Preflight preflight,
      Adjusting adjusting,
      Seeds seeds,
      Fetching fetching,
      DiskSteps disks,
      PowerSteps power,
      GuestSteps guests,
      SnapshotSteps snapshots,
      MemoryOnDisk memory) {
    this.store = store;
    this.observing = observing;
    this.reaching = reaching;
    this.operations = operations;
    this.preflight = preflight;
    this.adjusting = adjusting;
    this.seeds = seeds;
    this.fetching = fetching;
    this.disks = disks;
    this.power = power;
    this.guests = guests;
    this.snapshots = snapshots;
    this.memory = memory;
  }

  /** What became of an action. */
  enum Outcome {
    /** It is done: look again. */
    DONE,
    /** An operation is under way: its end will wake the VM. */
    UNDER_WAY,
    /** The VM is no more. */
    GONE
  }

  /**
   * Does it.
   *
   * @throws VmException when it failed; what was there before is still there
   */
  Outcome carryOut(Look look, Action action) {
    return switch (action) {
      case Action.Create create -> disks.create(look);
      case Action.Prepare prepare -> disks.prepare(look);
      case Action.Accept accept -> accept(look);
      case Action.Adjust adjust -> adjust(look);
      case Action.Start start -> power.start(look);
      case Action.Stop stop -> power.stop(look, stop);
      case Action.Reap reap -> power.reap(look);
      case Action.Suspend suspend -> power.suspend(look);
      case Action.Resume resume -> power.resume(look);
      case Action.TrashDisk trash -> disks.trashDisk(look, trash);
      case Action.AwaitReady ready -> guests.awaitReady(look);
      case Action.Provision provision -> guests.provision(look);
      case Action.Destroy destroy -> disks.destroy(look);
      case Action.Snapshot snapshot -> snapshots.carryOut(look);
      case Action.Save save -> memory.save(look);
    };
  }

  /** What the guest is told at its next boot is written now: no restart may come to do it. */
  private Outcome accept(Look look) {
    VmRecord record = look.target();
    Desired desired = record.desired();
    Applied applied = record.applied();
    if (applied != null && look.hypervisor().capabilities().has(Capability.DISK)) {
      preflight.checkInputs(desired.spec());
      seeds.write(record, applied.diskId());
    }
    store.change(record.name(), now -> now.mapApplied(had -> had.asDesired(desired)));
    return Outcome.DONE;
  }

  /** The seed is written as well: what is changed now is as it is at the next boot. */
  private Outcome adjust(Look look) {
    VmRecord record = look.target();
    Applied applied = Objects.requireNonNull(record.applied());
    Optional<ImageSource> missing = preflight.check(record, look.plan());
    if (missing.isPresent()) {
      return fetching.fetch(record, missing.get());
    }
    seeds.write(record, applied.diskId());
    operations.start(
        record.name(),
        adjusting.begin(
            record,
            observing.handle(record),
            look.hypervisor(),
            look.plan().changes(),
            reaching.ssh(record, look.hypervisor(), ADJUST_DEADLINE)));
    return Outcome.UNDER_WAY;
  }

  /** Takes over how a live change has ended. */
  void adjusted(VmRecord record, Adjusting.Result result) {
    store.change(record.name(), now -> adjusting.after(now, result));
  }
}
