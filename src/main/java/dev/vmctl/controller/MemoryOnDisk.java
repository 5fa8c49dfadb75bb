package dev.vmctl.controller;

import dev.vmctl.controller.Operations.Operation;
import dev.vmctl.controller.Steps.Outcome;
import dev.vmctl.disk.DiskSnapshot;
import dev.vmctl.host.Log;
import dev.vmctl.hypervisor.GuestSnapshot;
import dev.vmctl.hypervisor.Hypervisor;
import dev.vmctl.hypervisor.VmHandle;
import dev.vmctl.model.Capabilities.Capability;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import dev.vmctl.store.Failure;
import dev.vmctl.store.Hold;
import dev.vmctl.store.Saved;
import dev.vmctl.store.SnapshotTask;
import dev.vmctl.store.VmRecord;
import dev.vmctl.store.VmStore;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Guests' memory that is written to disk, and goes on from there. */
final class MemoryOnDisk {
  /** Begins the tag of memory that is on disk because a guest is suspended there. */
  private static final String SAVED = "vmctl.suspended-";

  private static final System.Logger log = Log.of(MemoryOnDisk.class);

  private final EngineParts parts;
  private final VmStore store;
  private final Observing observing;
  private final Operations operations;
  private final Events events;
  private final DiskFiles files;

  MemoryOnDisk(
      EngineParts parts, VmStore store, Observing observing, Operations operations, Events events) {
    this.parts = parts;
    this.store = store;
    this.observing = observing;
    this.operations = operations;
    this.events = events;
    this.files = new DiskFiles(parts);
  }

  /**
   * Tag of what it goes on from; null to boot.
   *
   * @throws VmException snapshot.memory_unusable when it is not on its disks any more
   */
  @Nullable String tag(VmRecord record) {
    Saved saved = record.saved().orElse(null);
    if (saved == null) {
      return null;
    }
    List<Path> disks = files.of(record);
    if (saved.unwanted()) {
      if (!saved.kept()) {
        disks.forEach(disk -> parts.disks().deleteSnapshot(disk, saved.tag()));
      }
      return null;
    }
    if (!files.have(disks, saved.tag())) {
      throw new VmException(
          ErrorCode.MEMORY_UNUSABLE,
          record.name() + " cannot go on from its memory: its disks do not have it any more",
          "boot it from its disks: vmctl start " + record.name() + " --discard-state");
    }
    return saved.tag();
  }

  /** It is written down that it runs, so what it has come from is of no use any more. */
  void forget(Look look, VmRecord record) {
    Saved saved = record.saved().orElseThrow();
    if (saved.kept()) {
      return;
    }
    var _ =
        look.hypervisor()
            .deleteSnapshot(
                observing.handle(store.read(record.name()).orElse(record)),
                new GuestSnapshot(saved.tag(), files.of(record), false))
            .whenComplete(
                (nothing, failure) -> {
                  if (failure != null) {
                    // It takes space only, and goes when the guest is suspended to disk again.
                    log.log(
                        System.Logger.Level.WARNING,
                        "{0}: the memory on disk is not deleted: {1}",
                        record.name(),
                        failure.getMessage());
                  }
                });
  }

  /** Begins to write a frozen guest's memory to its disks; then its process is ended. */
  Outcome save(Look look) {
    VmRecord record = look.record();
    Hypervisor hypervisor = look.hypervisor();
    Preflight.require(hypervisor, Capability.SNAPSHOT);
    VmHandle vm = observing.handle(record);
    List<Path> disks = files.of(record);
    Instant began = parts.timeline().now();
    Saved saved = Saved.begun(SAVED + began.toEpochMilli(), began);
    store.change(record.name(), now -> now.mapApplied(had -> had.withSaved(saved)));
    CompletableFuture<Void> written = CompletableFuture.completedFuture(null);
    for (String old : leftovers(disks)) {
      GuestSnapshot unwanted = new GuestSnapshot(old, disks, false);
      written = written.thenCompose(nothing -> hypervisor.deleteSnapshot(vm, unwanted));
    }
    GuestSnapshot wanted = new GuestSnapshot(saved.tag(), disks, true);
    operations.start(
        record.name(),
        new Operation(
            Operations.Kind.SAVE,
            saved.tag(),
            "writing its memory to disk",
            written
                .thenCompose(nothing -> hypervisor.snapshot(vm, wanted))
                .thenCompose(nothing -> hypervisor.stop(vm, Duration.ZERO))));
    return Outcome.UNDER_WAY;
  }

  private Set<String> leftovers(List<Path> disks) {
    Set<String> tags = new TreeSet<>();
    for (Path disk : disks) {
      parts.disks().snapshots(disk).stream()
          .map(DiskSnapshot::tag)
          .filter(tag -> tag.startsWith(SAVED))
          .forEach(tags::add);
    }
    return tags;
  }

  /** Takes over that it is done. */
  void saved(VmRecord record) {
    record.saved().ifPresent(saved -> observing.savedToDisk(record, saved));
  }

  /** Takes over that it cannot be done: the guest runs on. */
  void notSaved(VmRecord record, VmException cause) {
    Failure failure = Failure.of(cause, record.desired().generation());
    SnapshotTask told = SnapshotTask.notSuspended(parts.timeline().now(), failure);
    store.change(
        record.name(),
        now ->
            (now.hasTask() ? now : now.withTask(told))
                .mapApplied(had -> had.withSaved(null))
                .withHolds(
                    now.holds().stream()
                        .filter(hold -> hold.kind() != Hold.Kind.SUSPENDED_TO_DISK)
                        .toList()));
    events.warning(
        record.name(),
        "SuspendFailed",
        "it runs on, its memory cannot be written to disk: " + cause.getMessage());
  }
}
