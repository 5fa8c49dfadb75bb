package dev.vmctl.controller;

import dev.vmctl.api.SnapshotRequest;
import dev.vmctl.api.SnapshotView;
import dev.vmctl.api.SnapshotsView;
import dev.vmctl.api.VmStatus;
import dev.vmctl.hypervisor.Observation;
import dev.vmctl.model.Capabilities.Capability;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import dev.vmctl.store.Applied;
import dev.vmctl.store.Failure;
import dev.vmctl.store.Hold;
import dev.vmctl.store.KeptSnapshot;
import dev.vmctl.store.Saved;
import dev.vmctl.store.SnapshotTask;
import dev.vmctl.store.VmRecord;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;

/**
 * What people want of a VM's past and memory: refused, or written into its record for the loop to
 * do.
 */
final class Snapshots {
  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("uuuuMMdd-HHmmss-SSS", Locale.ROOT).withZone(ZoneOffset.UTC);

  private final Engine engine;
  private final SnapshotRules rules;

  Snapshots(Engine engine) {
    this.engine = engine;
    this.rules = new SnapshotRules(engine.parts());
  }

  SnapshotsView view(VmRecord record) {
    SnapshotTask task = record.task();
    Failure failure = task == null ? null : task.failure();
    return new SnapshotsView(
        record.name().value(),
        record.snapshotsOfDisk().stream().map(Snapshots::view).toList(),
        task != null && task.isPending() ? task.text() : null,
        failure == null
            ? null
            : new VmStatus.Failure(failure.code().text(), failure.message(), failure.help()));
  }

  private static SnapshotView view(KeptSnapshot snapshot) {
    return new SnapshotView(
        snapshot.name(),
        snapshot.at(),
        snapshot.generation(),
        snapshot.memoryBytes(),
        snapshot.automatic());
  }

  /** The record with the wish to have one taken. */
  VmRecord take(VmRecord record, SnapshotRequest request) {
    SnapshotRules.checkName(request.name());
    rules.capable(record);
    Observation seen = engine.seen(record);
    Applied applied = rules.made(record, seen);
    boolean memory = !request.diskOnly() && !(seen instanceof Observation.Absent);
    Optional<SnapshotTask> same =
        Optional.ofNullable(record.task())
            .filter(task -> task.isPending() && task.kind() == SnapshotTask.Kind.CREATE)
            .filter(task -> task.name().equals(request.name()));
    if (same.isPresent()) {
      return record;
    }
    SnapshotRules.refuseSecond(record);
    if (record.snapshot(request.name()).isPresent()) {
      throw new VmException(
          ErrorCode.SNAPSHOT_TAKEN,
          record.name() + " has a snapshot '" + request.name() + "' already",
          "take another name, or delete that one: vmctl snapshot delete "
              + record.name()
              + " "
              + request.name());
    }
    if (memory) {
      rules.checkMemory(record, applied);
    }
    return wanted(record, SnapshotTask.Kind.CREATE, request.name(), memory, false, null);
  }

  /** The record with the wish to go back. */
  VmRecord restore(VmRecord record, SnapshotRequest request) {
    rules.capable(record);
    SnapshotRules.refuseSecond(record);
    KeptSnapshot snapshot = rules.find(record, request.name());
    boolean memory = snapshot.hasMemory() && !request.diskOnly();
    rules.checkRestorable(record, snapshot, memory, engine.seen(record));
    String aside = "before-restore-" + STAMP.format(now());
    return wanted(
        record, SnapshotTask.Kind.RESTORE, snapshot.name(), memory, request.start(), aside);
  }

  /** The record with the wish to have one deleted. */
  VmRecord delete(VmRecord record, String name) {
    rules.capable(record);
    SnapshotRules.refuseSecond(record);
    KeptSnapshot snapshot = rules.find(record, name);
    rules.made(record, engine.seen(record));
    if (record.saved().filter(saved -> saved.tag().equals(snapshot.tag())).isPresent()) {
      throw new VmException(
          ErrorCode.VM_INVALID_STATE,
          record.name() + " is about to go on from the memory of '" + name + "'",
          "delete it once it runs: vmctl start " + record.name());
    }
    return wanted(record, SnapshotTask.Kind.DELETE, name, false, false, null);
  }

  private VmRecord wanted(
      VmRecord record,
      SnapshotTask.Kind kind,
      String name,
      boolean memory,
      boolean start,
      @org.jspecify.annotations.Nullable String aside) {
    SnapshotTask task = new SnapshotTask(kind, name, memory, start, aside, now(), null);
    return engine.intents().snapshot(record, task, now());
  }

  /** The record held suspended to disk. */
  VmRecord suspendToDisk(VmRecord record, boolean untilBoot) {
    rules.capable(record);
    Observation seen = engine.seen(record);
    boolean up = seen instanceof Observation.Running || seen instanceof Observation.Suspended;
    if (!up && !record.isHeld(Hold.Kind.SUSPENDED_TO_DISK)) {
      throw new VmException(
          ErrorCode.VM_INVALID_STATE,
          record.name() + " does not run: there is nothing to suspend",
          "start it first: vmctl start " + record.name());
    }
    Preflight.require(
        engine.parts().hypervisors().of(Observing.specThatRuns(record)), Capability.SUSPEND);
    if (up) {
      rules.checkMemory(record, rules.made(record, seen));
    }
    Hold hold =
        new Hold(
            Hold.Kind.SUSPENDED_TO_DISK,
            "cli",
            now(),
            untilBoot ? "the host goes down" : "vmctl suspend --to-disk",
            engine.settings().stopGrace(),
            untilBoot ? engine.parts().bootId() : null);
    return engine.intents().hold(record.hasTask() ? record : record.withTask(null), hold, now());
  }

  /** The record without the wish to go on from the memory on disk. */
  VmRecord discard(VmRecord record) {
    Saved saved =
        record
            .saved()
            .orElseThrow(
                () ->
                    new VmException(
                        ErrorCode.VM_INVALID_STATE,
                        record.name() + " has no memory of its guest on disk",
                        "start it without --discard-state"));
    return record.withFailure(null).mapApplied(applied -> applied.withSaved(saved.asUnwanted()));
  }

  private Instant now() {
    return engine.parts().timeline().now();
  }
}
