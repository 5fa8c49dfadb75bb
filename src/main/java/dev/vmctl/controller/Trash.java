package dev.vmctl.controller;

import dev.vmctl.api.TrashView;
import dev.vmctl.disk.Disks;
import dev.vmctl.disk.TrashEntry;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.SourceId;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import dev.vmctl.store.Applied;
import dev.vmctl.store.Desired;
import dev.vmctl.store.Hold;
import dev.vmctl.store.VmRecord;
import dev.vmctl.store.VmStore;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What people do with the trash. */
final class Trash {
  private final Engine engine;
  private final EngineVmctl.Admission admission;

  Trash(Engine engine, EngineVmctl.Admission admission) {
    this.engine = engine;
    this.admission = admission;
  }

  List<TrashView> list() {
    return disks().trash().stream()
        .map(
            entry ->
                new TrashView(
                    entry.id(),
                    entry.vm().value(),
                    kind(entry),
                    entry.trashedAt(),
                    entry.reason(),
                    entry.sizeBytes()))
        .toList();
  }

  private static String kind(TrashEntry entry) {
    if (entry.wholeVm()) {
      return "vm";
    }
    return entry.dataDisk() == null ? "disk" : "disk:" + entry.dataDisk();
  }

  VmName restore(String id) {
    TrashEntry entry = find(id);
    admission.admit(entry.vm());
    if (entry.wholeVm()) {
      return restoreVm(entry);
    }
    return entry.dataDisk() == null ? restoreDisk(entry) : restoreData(entry, entry.dataDisk());
  }

  int empty(List<String> ids) {
    List<TrashEntry> chosen =
        ids.isEmpty() ? disks().trash() : ids.stream().map(this::find).toList();
    chosen.forEach(
        entry -> {
          disks().purge(entry);
          engine.events().normal(entry.vm(), "TrashEmptied", entry.id() + " was deleted for good");
        });
    return chosen.size();
  }

  private VmName restoreVm(TrashEntry entry) {
    VmName name = entry.vm();
    if (store().read(name).isPresent()) {
      throw new VmException(
          ErrorCode.VM_NAME_TAKEN,
          "there is a VM '" + name + "' again",
          "destroy that one first: vmctl destroy " + name + "; it goes to the trash as well");
    }
    disks().restore(entry, engine.parts().data().vm(name));
    store().forget(name);
    Instant now = engine.parts().timeline().now();
    Hold hold =
        new Hold(
            Hold.Kind.STOPPED,
            "cli",
            now,
            "restored from the trash",
            engine.settings().stopGrace());
    store()
        .update(
            name,
            record ->
                record == null
                    ? null
                    : record
                        .withSource(sourceAfterRestore(record))
                        .withRemoval(null)
                        .withPhase(VmRecord.Phase.LIVE)
                        .withPending(null)
                        .withFailure(null)
                        .mapApplied(Applied::ended)
                        .withHolds(List.of(hold)));
    engine
        .events()
        .normal(name, "Restored", "back from the trash, held stopped; 'vmctl start' runs it");
    engine.wake(name);
    return name;
  }

  /** Its source does not declare it: as one of that source's it would be removed again. */
  private static SourceId sourceAfterRestore(VmRecord record) {
    return switch (record.source().kind()) {
      case DIRECTORY, GIT -> SourceId.restored();
      case FILE, CLI -> record.source();
    };
  }

  /**
   * The present disk goes to the trash, the old one takes its place. Only for a VM that does not
   * run.
   */
  private VmName restoreDisk(TrashEntry entry) {
    VmName name = entry.vm();
    stopped(name);
    // Nobody may lift the hold, and so start it, while its disk is exchanged.
    store().update(name, record -> record == null ? null : exchanged(record, entry));
    engine
        .events()
        .normal(name, "DiskRestored", "its disk is the one from the trash, " + entry.id());
    engine.wake(name);
    return name;
  }

  /**
   * The present disk of that name goes to the trash, the old one takes its place; it is used when
   * it is declared.
   */
  private VmName restoreData(TrashEntry entry, String disk) {
    VmName name = entry.vm();
    stopped(name);
    Path directory = engine.parts().data().vm(name);
    store()
        .update(
            name,
            record -> {
              if (record != null) {
                requireHeld(record);
                disks().trashData(name, disk, directory, "Restored");
                disks().restore(entry, directory);
              }
              return record;
            });
    engine
        .events()
        .normal(
            name,
            "DiskRestored",
            "its disk '" + disk + "' is the one from the trash, " + entry.id());
    engine.wake(name);
    return name;
  }

  private VmRecord stopped(VmName name) {
    VmRecord record =
        store()
            .read(name)
            .orElseThrow(
                () ->
                    new VmException(
                        ErrorCode.VM_NOT_FOUND,
                        "the VM of this disk, '" + name + "', is no more",
                        "restore the VM first ('vmctl trash list'), or declare it again"));
    requireAbsent(record);
    return record;
  }

  private VmRecord exchanged(VmRecord record, TrashEntry entry) {
    requireHeld(record);
    Path directory = engine.parts().data().vm(record.name());
    Applied present = record.applied();
    if (present != null && disks().exists(directory.resolve(Disks.OVERLAY))) {
      disks().trashDisk(record.name(), present.diskId(), directory, "Restored");
    }
    disks().restore(entry, directory);
    return onDisk(record, entry.diskId());
  }

  private static VmRecord onDisk(VmRecord record, UUID disk) {
    Desired desired = record.desired().withDisk(disk);
    Applied had = record.applied();
    Applied applied =
        new Applied(
            had == null ? desired.generation() : had.generation(),
            had == null ? desired.spec() : had.spec(),
            disk,
            had == null ? null : had.imageDigest(),
            had == null ? null : had.facts(),
            had == null ? null : had.startedAt(),
            false,
            null,
            had == null ? desired.revision() : had.revision(),
            List.of(),
            null);
    return record
        .withDesired(desired)
        .withApplied(applied)
        .withReplaced(null)
        .withPhase(VmRecord.Phase.LIVE)
        .withFailure(null);
  }

  private static void requireHeld(VmRecord record) {
    SnapshotRules.refuseMemoryLoss(record, "another disk");
    if (!record.isHeld(Hold.Kind.STOPPED)) {
      throw running(record.name());
    }
  }

  private void requireAbsent(VmRecord record) {
    switch (Observing.seen(engine.seen(record))) {
      case ABSENT -> {}
      case RUNNING, SUSPENDED, EXITED, UNKNOWN -> throw running(record.name());
    }
  }

  private static VmException running(VmName name) {
    return new VmException(
        ErrorCode.VM_INVALID_STATE,
        name + " is not held stopped: its disk cannot be exchanged",
        "stop it first: vmctl stop " + name);
  }

  private TrashEntry find(String id) {
    @Nullable TrashEntry found =
        disks().trash().stream().filter(entry -> entry.id().equals(id)).findFirst().orElse(null);
    if (found == null) {
      throw new VmException(
          ErrorCode.VM_NOT_FOUND,
          "nothing in the trash is called '" + id + "'",
          "'vmctl trash list' shows what there is");
    }
    return found;
  }

  private Disks disks() {
    return engine.parts().disks();
  }

  private VmStore store() {
    return engine.store();
  }
}
