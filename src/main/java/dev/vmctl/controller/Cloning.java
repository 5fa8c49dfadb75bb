package dev.vmctl.controller;

import dev.vmctl.api.CloneRequest;
import dev.vmctl.api.CloneView;
import dev.vmctl.controller.Operations.Kind;
import dev.vmctl.controller.Operations.Operation;
import dev.vmctl.controller.Steps.Outcome;
import dev.vmctl.disk.Disks;
import dev.vmctl.host.AtomicFiles;
import dev.vmctl.host.FileTrees;
import dev.vmctl.model.Capabilities.Capability;
import dev.vmctl.model.Declaration;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.FieldValues;
import dev.vmctl.model.NicSpec;
import dev.vmctl.model.SourceId;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmFields;
import dev.vmctl.model.VmName;
import dev.vmctl.model.VmSpec;
import dev.vmctl.model.Withheld;
import dev.vmctl.store.Applied;
import dev.vmctl.store.CloneOf;
import dev.vmctl.store.Hold;
import dev.vmctl.store.KeptSnapshot;
import dev.vmctl.store.Provisioned;
import dev.vmctl.store.SnapshotTask;
import dev.vmctl.store.VmRecord;
import dev.vmctl.store.VmStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Makes VMs of the disks of others. What is copied is always a snapshot, one that is there or one
 * that is taken for it and deleted afterwards: so the VM that is cloned may run, and stop, and run
 * again meanwhile.
 */
final class Cloning {
  /** Begins the name of a snapshot that is taken to be copied. */
  private static final String TAKEN = "clone-to-";

  private final EngineParts parts;
  private final VmStore store;
  private final Intents intents;
  private final SnapshotRules rules;
  private final DiskFiles files;
  private final Operations operations;
  private final Events events;
  private final Consumer<VmName> wake;

  Cloning(
      EngineParts parts,
      VmStore store,
      Intents intents,
      Operations operations,
      Events events,
      Consumer<VmName> wake) {
    this.wake = wake;
    this.parts = parts;
    this.store = store;
    this.intents = intents;
    this.rules = new SnapshotRules(parts);
    this.files = new DiskFiles(parts);
    this.operations = operations;
    this.events = events;
  }

  /**
   * Refuses what cannot be cloned.
   *
   * @throws VmException vm.name_taken; snapshot.unknown; vm.invalid_state;
   *     backend.capability_missing; disk.full
   */
  void check(VmRecord record, CloneRequest request) {
    rules.capable(record);
    Path place = parts.data().vm(request.to());
    if (store.read(request.to()).isPresent() || Files.exists(place)) {
      throw taken(request.to());
    }
    if (request.snapshot() != null) {
      rules.find(record, request.snapshot());
    }
    if (record.applied() == null) {
      throw new VmException(
          ErrorCode.VM_INVALID_STATE,
          record.name() + " has no disk yet",
          "start it first: vmctl start " + record.name());
    }
    long size = 0;
    for (Path disk : files.of(record)) {
      size += size(disk);
    }
    rules.checkSpace(request.to(), "a copy of the disks of " + record.name(), size);
  }

  static VmException taken(VmName name) {
    return new VmException(
        ErrorCode.VM_NAME_TAKEN,
        "there is a VM '" + name + "' already",
        "choose another name, or remove that VM first: vmctl destroy " + name);
  }

  private static long size(Path disk) {
    try {
      return Files.exists(disk) ? FileTrees.dataBytes(disk) : 0;
    } catch (IOException e) {
      throw AtomicFiles.failure("measure", disk, e);
    }
  }

  /** Name of the snapshot that is copied. */
  static String snapshot(CloneRequest request) {
    return Objects.requireNonNullElse(request.snapshot(), TAKEN + request.to());
  }

  /** The record of the new VM. */
  VmRecord record(VmRecord of, CloneRequest request, List<String> notes, Duration grace) {
    Instant now = parts.timeline().now();
    Applied applied = Objects.requireNonNull(of.applied());
    KeptSnapshot then = request.snapshot() == null ? null : rules.find(of, request.snapshot());
    VmSpec spec = spec(of, applied, then, request.to(), notes);
    Declaration declaration = new Declaration(spec, Path.of("/cli"), 1, of.desired().inputs());
    VmRecord declared = intents.declare(null, declaration, SourceId.cli(), true, now);
    String tag = hasDisks(of) ? KeptSnapshot.tag(snapshot(request)) : null;
    VmRecord clone =
        declared
            .withCloneOf(new CloneOf(of.name(), applied.diskId(), applied.imageDigest(), tag))
            .withProvision(provision(then == null ? of.provision() : then.provision(), declared));
    return request.start()
        ? clone
        : intents.hold(clone, Hold.Kind.STOPPED, "cloned without --start", grace, now);
  }

  private static VmSpec spec(
      VmRecord of, Applied applied, @Nullable KeptSnapshot then, VmName to, List<String> notes) {
    VmSpec from =
        then == null
            ? applied.spec()
            : Withheld.restored(
                then.spec(), List.of(of.desired().spec(), applied.spec()), new TreeSet<>());
    VmSpec nothing = VmSpec.of(to, new FieldValues());
    FieldValues own = new FieldValues();
    if (from.nics().stream().anyMatch(nic -> nic.mac() != null)) {
      notes.add("its network cards have addresses of their own");
      List<NicSpec> nics = new ArrayList<>();
      from.nics().forEach(nic -> nics.add(new NicSpec(nic.name(), nic.network(), null)));
      own.put(VmFields.NICS, nics);
    }
    if (!from.forwards().isEmpty()) {
      notes.add("ports are not forwarded to it: they are those of " + of.name());
    }
    VmSpec renamed = nothing.with(Set.copyOf(VmFields.ALL), from);
    return renamed.with(Set.of(VmFields.FORWARD, VmFields.CLOUD_INIT_HOSTNAME), nothing).with(own);
  }

  /** Steps that have run on the disks that are copied have run on the copies. */
  private @Nullable Provisioned provision(@Nullable Provisioned then, VmRecord clone) {
    return then == null
        ? null
        : new Provisioned(
            clone.desired().diskId(),
            intents.stepsHash(clone),
            then.result(),
            then.step(),
            then.message(),
            then.at());
  }

  private boolean hasDisks(VmRecord record) {
    return parts
        .hypervisors()
        .of(Observing.specThatRuns(record))
        .capabilities()
        .has(Capability.DISK);
  }

  /** Why a clone's disks cannot be copied yet; {@link Activity#NONE} when they can. */
  Activity beforeCreate(VmRecord record) {
    CloneOf of = record.cloneOf();
    if (of == null) {
      return Activity.NONE;
    }
    return store
        .read(of.vm())
        .flatMap(from -> Optional.ofNullable(from.task()))
        .filter(SnapshotTask::isPending)
        .map(task -> Order.waitingFor(of.vm(), ": it is " + task.text()))
        .orElse(Activity.NONE);
  }

  /**
   * Copies the disks; done at once when they are there.
   *
   * @throws VmException disk.missing when what was to be copied is no more
   */
  Outcome copy(VmRecord record, CloneOf of) {
    Path directory = parts.data().vm(record.name());
    List<Path> targets = new ArrayList<>(List.of(directory.resolve(Disks.OVERLAY)));
    record.desired().spec().disks().forEach(d -> targets.add(Disks.data(directory, d.name())));
    String tag = of.tag();
    if (tag == null || targets.stream().allMatch(parts.disks()::exists)) {
      return Outcome.DONE;
    }
    List<Path> sources = sources(of, tag);
    if (sources.size() != targets.size()) {
      throw gone(of, "its disks are others now");
    }
    CompletableFuture<Void> copied = CompletableFuture.completedFuture(null);
    for (int number = 0; number < targets.size(); number++) {
      Path from = sources.get(number);
      Path to = targets.get(number);
      copied = copied.thenCompose(nothing -> parts.disks().copy(from, tag, to));
    }
    operations.start(
        record.name(),
        new Operation(Kind.CLONE, of.toString(), "copying the disks of " + of.vm(), copied));
    return Outcome.UNDER_WAY;
  }

  private List<Path> sources(CloneOf of, String tag) {
    VmRecord from = store.read(of.vm()).orElseThrow(() -> gone(of, "there is no such VM"));
    SnapshotTask task = from.task();
    if (task != null && task.failure() != null && tag.equals(KeptSnapshot.tag(task.name()))) {
      throw gone(of, task.failure().message());
    }
    return from.snapshotsOfDisk().stream()
        .filter(each -> each.diskId().equals(of.diskId()) && each.tag().equals(tag))
        .findFirst()
        .map(snapshot -> files.of(from, snapshot))
        .orElseThrow(() -> gone(of, "it does not have the snapshot any more"));
  }

  private static VmException gone(CloneOf of, String why) {
    return new VmException(
        ErrorCode.DISK_MISSING,
        "the disks of " + of.vm() + " cannot be copied: " + why,
        "destroy the clone, and clone again");
  }

  /** What was taken only to be copied is deleted. */
  void done(VmRecord record) {
    CloneOf of = record.cloneOf();
    if (of == null || of.tag() == null || !of.tag().startsWith(KeptSnapshot.tag(TAKEN))) {
      return;
    }
    String name = TAKEN + record.name();
    Instant now = parts.timeline().now();
    store.change(
        of.vm(),
        from ->
            from.hasTask() || from.snapshot(name).isEmpty()
                ? from
                : intents.snapshot(
                    from,
                    new SnapshotTask(SnapshotTask.Kind.DELETE, name, false, false, null, now, null),
                    now));
    wake.accept(of.vm());
    events.normal(record.name(), "Cloned", "its disks are copies of those of " + of.vm());
  }

  CloneView view(VmRecord of, CloneRequest request, List<String> notes) {
    return new CloneView(request.to().value(), of.name().value(), notes);
  }
}
