package dev.vmctl.controller;

import dev.vmctl.controller.Operations.Kind;
import dev.vmctl.controller.Operations.Operation;
import dev.vmctl.controller.Steps.Outcome;
import dev.vmctl.disk.Disks;
import dev.vmctl.hypervisor.GuestSnapshot;
import dev.vmctl.hypervisor.Observation;
import dev.vmctl.hypervisor.VmHandle;
import dev.vmctl.model.DiskSpec;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmSpec;
import dev.vmctl.model.Withheld;
import dev.vmctl.store.Applied;
import dev.vmctl.store.Failure;
import dev.vmctl.store.KeptSnapshot;
import dev.vmctl.store.SnapshotTask;
import dev.vmctl.store.VmRecord;
import dev.vmctl.store.VmStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;

/**
 * Does what somebody wants done with a snapshot. It is wanted until it is done or has failed, and
 * can be begun again at any point: a tag that all disks have is a snapshot, one that some have is
 * the beginning of one.
 */
final class SnapshotSteps {
  private final EngineParts parts;
  private final VmStore store;
  private final Observing observing;
  private final SnapshotRules rules;
  private final DiskFiles files;
  private final Operations operations;
  private final Intents intents;
  private final Events events;
  private final VmRuntimes runtimes;

  SnapshotSteps(
      EngineParts parts,
      VmStore store,
      Observing observing,
      SnapshotRules rules,
      Operations operations,
      Intents intents,
      Events events,
      VmRuntimes runtimes) {
    this.parts = parts;
    this.store = store;
    this.observing = observing;
    this.rules = rules;
    this.files = new DiskFiles(parts);
    this.operations = operations;
    this.intents = intents;
    this.events = events;
    this.runtimes = runtimes;
  }

  Outcome carryOut(Look look) {
    SnapshotTask task = Objects.requireNonNull(look.record().task());
    try {
      return switch (task.kind()) {
        case CREATE -> create(look, task);
        case RESTORE -> restore(look, task);
        case DELETE -> delete(look, task);
        case SUSPEND -> throw new IllegalStateException("it has failed: nothing is to be done");
      };
    } catch (VmException e) {
      failed(look.record(), task, e);
      return Outcome.DONE;
    }
  }

  private Outcome create(Look look, SnapshotTask task) {
    VmRecord record = look.record();
    List<Path> disks = files.of(record);
    String tag = KeptSnapshot.tag(task.name());
    boolean up = !(look.seen() instanceof Observation.Absent);
    if (!disks.isEmpty() && files.have(disks, tag)) {
      // Taken by an engine that did not live to say so, nor perhaps to let the guest write again.
      if (up) {
        begin(record, task, thawed(record, CompletableFuture.completedFuture(null)));
        return Outcome.UNDER_WAY;
      }
    } else if (up) {
      begin(record, task, takeLive(look, task, new GuestSnapshot(tag, disks, task.memory())));
      return Outcome.UNDER_WAY;
    } else {
      disks.forEach(disk -> parts.disks().takeSnapshot(disk, tag));
    }
    taken(record, task);
    return Outcome.DONE;
  }

  private CompletableFuture<Void> takeLive(Look look, SnapshotTask task, GuestSnapshot wanted) {
    VmRecord record = look.record();
    VmHandle vm = observing.handle(record);
    CompletableFuture<Void> ready =
        wanted.disks().stream().anyMatch(disk -> files.has(disk, wanted.tag()))
            ? look.hypervisor().deleteSnapshot(vm, wanted)
            : CompletableFuture.completedFuture(null);
    if (task.memory() || !(look.seen() instanceof Observation.Running)) {
      return ready.thenCompose(nothing -> look.hypervisor().snapshot(vm, wanted));
    }
    return thawed(
        record,
        ready
            .thenCompose(nothing -> frozen(record))
            .thenCompose(nothing -> look.hypervisor().snapshot(vm, wanted)));
  }

  /**
   * The guest's file systems are whole in a snapshot when its agent has them written out before.
   * One whose agent does not answer will find them as after a power failure.
   */
  private CompletableFuture<Void> frozen(VmRecord record) {
    return agent(record)
        .map(agent -> parts.guests().freeze(agent).<Void>handle((nothing, silent) -> null))
        .orElseGet(() -> CompletableFuture.completedFuture(null));
  }

  /** Whatever becomes of it, the guest may write afterwards. */
  private CompletableFuture<Void> thawed(VmRecord record, CompletableFuture<Void> after) {
    return agent(record)
        .map(
            agent ->
                after
                    .<Void>handle((nothing, failure) -> null)
                    .thenCompose(nothing -> parts.guests().thaw(agent))
                    .<Void>handle((nothing, silent) -> null)
                    .thenCompose(nothing -> after))
        .orElse(after);
  }

  /** Its channel, if it has said something in this run of the guest. */
  private Optional<Path> agent(VmRecord record) {
    VmRuntime.Facts facts = runtimes.of(record.name()).facts;
    Applied applied = record.applied();
    boolean answers =
        facts != null && applied != null && facts.incarnation().equals(applied.ready());
    return answers
        ? parts.hypervisors().of(Observing.specThatRuns(record)).agent(observing.handle(record))
        : Optional.empty();
  }

  private void begin(VmRecord record, SnapshotTask task, CompletableFuture<Void> future) {
    operations.start(
        record.name(), new Operation(Kind.SNAPSHOT, purpose(task), task.text(), future));
  }

  static String purpose(SnapshotTask task) {
    return task.kind() + " " + task.name() + " " + task.at();
  }

  /** Takes over that an operation has ended well. */
  void ended(VmRecord record) {
    SnapshotTask task = record.task();
    if (task == null || !task.isPending()) {
      return;
    }
    switch (task.kind()) {
      case CREATE -> taken(record, task);
      case DELETE -> deleted(record, task);
      case RESTORE, SUSPEND -> {}
    }
  }

  /** Takes over that an operation has failed. */
  void failed(VmRecord record, VmException cause) {
    SnapshotTask task = record.task();
    if (task != null && task.isPending()) {
      failed(record, task, cause);
    }
  }

  private void failed(VmRecord record, SnapshotTask task, VmException cause) {
    Failure failure = Failure.of(cause, record.desired().generation());
    store.change(
        record.name(), now -> task.equals(now.task()) ? now.withTask(task.failed(failure)) : now);
    events.warning(record.name(), "SnapshotFailed", task.text() + " failed: " + cause.getMessage());
  }

  private void taken(VmRecord record, SnapshotTask task) {
    long memory = memoryBytes(record, task);
    KeptSnapshot snapshot =
        KeptSnapshot.of(record, task.name(), parts.timeline().now(), memory, false);
    store.change(
        record.name(), now -> task.equals(now.task()) ? with(now, snapshot).withTask(null) : now);
    events.normal(
        record.name(),
        "SnapshotTaken",
        "'" + task.name() + "', of its disks" + (memory > 0 ? " and its memory" : ""));
  }

  private long memoryBytes(VmRecord record, SnapshotTask task) {
    List<Path> disks = files.of(record);
    Applied applied = Objects.requireNonNull(record.applied());
    if (disks.isEmpty() && task.memory() && applied.facts() != null) {
      // A guest that does nothing has memory all the same.
      return applied.facts().memoryMb() << 20;
    }
    return files.memoryBytes(disks, KeptSnapshot.tag(task.name()));
  }

  /** With one more, and without those whose disk is gone for good. */
  private VmRecord with(VmRecord record, KeptSnapshot snapshot) {
    List<KeptSnapshot> all = new ArrayList<>();
    for (KeptSnapshot each : record.snapshots()) {
      boolean same = each.diskId().equals(snapshot.diskId());
      boolean there =
          same
              || parts.disks().trash().stream()
                  .anyMatch(entry -> entry.diskId().equals(each.diskId()));
      if (there && !(same && each.name().equals(snapshot.name()))) {
        all.add(each);
      }
    }
    all.add(snapshot);
    return record.withSnapshots(all);
  }

  private Outcome delete(Look look, SnapshotTask task) {
    VmRecord record = look.record();
    KeptSnapshot snapshot = rules.find(record, task.name());
    List<Path> disks = files.of(record, snapshot).stream().filter(parts.disks()::exists).toList();
    if (look.seen() instanceof Observation.Absent) {
      disks.forEach(disk -> parts.disks().deleteSnapshot(disk, snapshot.tag()));
      deleted(record, task);
      return Outcome.DONE;
    }
    List<Path> open = files.of(record).stream().filter(disks::contains).toList();
    begin(
        record,
        task,
        look.hypervisor()
            .deleteSnapshot(
                observing.handle(record), new GuestSnapshot(snapshot.tag(), open, false)));
    return Outcome.UNDER_WAY;
  }

  private void deleted(VmRecord record, SnapshotTask task) {
    store.change(
        record.name(),
        now ->
            now.withSnapshots(
                    now.snapshots().stream()
                        .filter(each -> !now.snapshot(task.name()).equals(Optional.of(each)))
                        .toList())
                .withTask(task.equals(now.task()) ? null : now.task()));
    events.normal(record.name(), "SnapshotDeleted", "'" + task.name() + "'");
  }

  /** The present is kept before the past takes its place: nothing is lost in silence. */
  private Outcome restore(Look look, SnapshotTask task) {
    VmRecord record = look.record();
    KeptSnapshot snapshot = rules.find(record, task.name());
    rules.checkRestorable(record, snapshot, task.memory(), look.seen());
    String aside = Objects.requireNonNull(task.aside());
    if (record.snapshot(aside).isEmpty()) {
      files.of(record).forEach(disk -> parts.disks().takeSnapshot(disk, KeptSnapshot.tag(aside)));
      KeptSnapshot present = KeptSnapshot.of(record, aside, parts.timeline().now(), 0, true);
      store.change(record.name(), now -> with(now, present));
    }
    files.of(record, snapshot).forEach(disk -> parts.disks().revert(disk, snapshot.tag()));
    regrow(record);
    store.change(
        record.name(), now -> task.equals(now.task()) ? restored(now, snapshot, task) : now);
    events.normal(
        record.name(),
        "SnapshotRestored",
        "'"
            + snapshot.name()
            + "' of "
            + snapshot.at()
            + "; what was is the snapshot '"
            + aside
            + "'");
    return Outcome.DONE;
  }

  /** A disk that has grown since is as large again: that is declared, and no guest minds. */
  private void regrow(VmRecord record) {
    VmSpec spec = Observing.specThatRuns(record);
    List<Path> disks = files.of(record);
    Long size = spec.diskBytes();
    if (!disks.isEmpty() && size != null) {
      parts.disks().grow(disks.getFirst(), size);
    }
    if (!disks.isEmpty()) {
      for (DiskSpec disk : spec.disks()) {
        Path file = Disks.data(parts.data().vm(record.name()), disk.name());
        Long bytes = disk.sizeBytes();
        if (bytes != null) {
          parts.disks().grow(file, bytes);
        }
      }
    }
  }

  private VmRecord restored(VmRecord now, KeptSnapshot snapshot, SnapshotTask task) {
    VmRecord back =
        now.withTask(null).withProvision(snapshot.provision()).withFailure(null).withReplaced(null);
    if (task.memory()) {
      // What was secret then is not kept.
      List<VmSpec> secrets = List.of(now.desired().spec(), Observing.specThatRuns(now));
      VmSpec then = Withheld.restored(snapshot.spec(), secrets, new TreeSet<>());
      back = back.mapApplied(applied -> applied.asThen(snapshot, then));
    }
    return task.memory() || task.start() ? intents.run(back, parts.timeline().now()) : back;
  }
}
