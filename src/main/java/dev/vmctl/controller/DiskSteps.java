package dev.vmctl.controller;

import dev.vmctl.controller.Steps.Outcome;
import dev.vmctl.disk.Disks;
import dev.vmctl.disk.RawDiskRequest;
import dev.vmctl.disk.TrashEntry;
import dev.vmctl.hypervisor.Hypervisor;
import dev.vmctl.hypervisor.Observation;
import dev.vmctl.image.CachedImage;
import dev.vmctl.image.ImageSource;
import dev.vmctl.model.Capabilities.Capability;
import dev.vmctl.model.LaunchFacts;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmFields;
import dev.vmctl.model.VmName;
import dev.vmctl.model.VmSpec;
import dev.vmctl.plan.Action;
import dev.vmctl.plan.FieldChange;
import dev.vmctl.plan.Situation;
import dev.vmctl.store.Applied;
import dev.vmctl.store.CloneOf;
import dev.vmctl.store.Desired;
import dev.vmctl.store.Pin;
import dev.vmctl.store.Removal;
import dev.vmctl.store.Replaced;
import dev.vmctl.store.VmRecord;
import dev.vmctl.store.VmStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The steps that make, replace and take away what a VM has on disk. */
final class DiskSteps {
  private final EngineParts parts;
  private final VmStore store;
  private final Observing observing;
  private final Preflight preflight;
  private final DiskOrigins origins;
  private final DataDisks dataDisks;
  private final Seeds seeds;
  private final Fetching fetching;
  private final PowerSteps power;
  private final Cloning cloning;
  private final Intents intents;
  private final Events events;
  private final VmRuntimes runtimes;

  DiskSteps(
      EngineParts parts,
      VmStore store,
      Observing observing,
      Preflight preflight,
      DataDisks dataDisks,
      Seeds seeds,
      Fetching fetching,
      PowerSteps power,
      Cloning cloning,
      Intents intents,
      Events events,
      VmRuntimes runtimes) {
    this.parts = parts;
    this.store = store;
    this.observing = observing;
    this.preflight = preflight;
    this.origins = new DiskOrigins(parts);
    this.dataDisks = dataDisks;
    this.seeds = seeds;
    this.fetching = fetching;
    this.power = power;
    this.cloning = cloning;
    this.intents = intents;
    this.events = events;
    this.runtimes = runtimes;
  }

  Outcome create(Look look) {
    VmRecord record = look.target();
    Desired desired = record.desired();
    preflight.checkHost(desired.spec());
    Hypervisor hypervisor = parts.hypervisors().of(desired.spec());
    hypervisor.checkAvailable();
    if (!hypervisor.capabilities().has(Capability.DISK)) {
      store.change(
          record.name(),
          now ->
              now.withApplied(Applied.created(desired, null))
                  .withPhase(VmRecord.Phase.LIVE)
                  .withCloneOf(null));
      return Outcome.DONE;
    }
    CloneOf cloneOf = record.cloneOf();
    if (cloneOf != null) {
      return copy(record, cloneOf);
    }
    Optional<TrashEntry> kept = origins.kept(record);
    if (kept.isPresent()) {
      return takeBack(record, kept.get());
    }
    Optional<ImageSource> source = ImageSource.of(desired.spec());
    Optional<CachedImage> cached = origins.image(record);
    if (cached.isEmpty()) {
      return fetching.fetch(record, source.orElseThrow(() -> Preflight.noImage(record.name())));
    }
    Optional<ImageSource> further = dataDisks.missingImage(desired.spec());
    if (further.isPresent()) {
      return fetching.fetch(record, further.get());
    }
    CachedImage image = cached.get();
    Path directory = parts.data().vm(record.name());
    preflight.checkInputs(desired.spec());
    if (hypervisor.capabilities().has(Capability.RAW_DISK)) {
      RawDiskRequest request =
          new RawDiskRequest(
              record.name(),
              record.uuid(),
              desired.diskId(),
              directory,
              DataDisks.base(image),
              image.digest(),
              desired.spec().diskBytes());
      if (!parts.disks().hasRaw(request)) {
        return fetching.copy(request, source.get());
      }
    } else {
      parts
          .disks()
          .createOverlay(
              directory.resolve(Disks.OVERLAY), DataDisks.base(image), desired.spec().diskBytes());
    }
    made(record, image.digest());
    events.normal(record.name(), "Created", "made its disk on " + source.get().shown());
    return Outcome.DONE;
  }

  private Outcome copy(VmRecord record, CloneOf of) {
    preflight.checkInputs(record.desired().spec());
    Outcome copied = cloning.copy(record, of);
    if (copied == Outcome.DONE) {
      made(record, of.imageDigest());
      cloning.done(record);
    }
    return copied;
  }

  /** The disk that is wanted is one that the VM has had. */
  private Outcome takeBack(VmRecord record, TrashEntry kept) {
    VmSpec spec = record.desired().spec();
    Optional<ImageSource> missing = dataDisks.missingImage(spec);
    if (missing.isPresent()) {
      return fetching.fetch(record, missing.get());
    }
    preflight.checkInputs(spec);
    parts.disks().restore(kept, parts.data().vm(record.name()));
    Pin pin = record.desired().pin();
    made(record, pin == null ? null : pin.imageDigest());
    events.normal(
        record.name(), "DiskRestored", "its disk is the one from the trash, " + kept.id());
    return Outcome.DONE;
  }

  /** There is a root disk; what belongs to it is made, and then it counts. */
  private void made(VmRecord record, @Nullable String imageDigest) {
    Desired desired = record.desired();
    dataDisks.make(record);
    seeds.write(record, desired.diskId());
    store.change(
        record.name(),
        now ->
            now.withApplied(Applied.created(desired, imageDigest))
                .withPhase(VmRecord.Phase.LIVE)
                .withCloneOf(null)
                .withPending(null));
  }

  Outcome prepare(Look look) {
    VmRecord record = look.target();
    Desired desired = record.desired();
    Applied applied = Objects.requireNonNull(record.applied());
    Optional<ImageSource> missing;
    try {
      missing = preflight.check(record, look.plan());
    } catch (VmException refused) {
      return startAsBefore(look, refused);
    }
    if (missing.isPresent()) {
      return fetching.fetch(record, missing.get());
    }
    if (look.hypervisor().capabilities().has(Capability.DISK)) {
      Path directory = parts.data().vm(record.name());
      Long size = desired.spec().diskBytes();
      if (size != null) {
        parts.disks().grow(directory.resolve(Disks.OVERLAY), size);
      }
      dataDisks.retire(record);
      dataDisks.make(record);
      seeds.write(record, applied.diskId());
    }
    store.change(
        record.name(),
        now ->
            now.mapApplied(
                had ->
                    had.asDesired(desired)
                        .withFacts(forgetting(had.facts(), look.plan().changes()))));
    return Outcome.DONE;
  }

  /**
   * An edit that cannot be carried out leaves the VM as it was made: also when it has ended
   * meanwhile, and would have to start. That the edit is refused is said once it runs.
   */
  private Outcome startAsBefore(Look look, VmException refused) {
    VmRecord record = look.target();
    Applied applied = Objects.requireNonNull(record.applied());
    boolean hasRun = applied.startedAt() != null;
    if (refused.code().isTransient()
        || !hasRun
        || Observing.power(record) != Situation.Power.RUNNING
        || !(look.seen() instanceof Observation.Absent)) {
      throw refused;
    }
    events.warning(
        record.name(),
        "EditRefused",
        "it is started as it was before the edit: " + refused.getMessage());
    return power.start(look);
  }

  /**
   * What was resolved, without the fields that are declared otherwise now: those are resolved anew.
   */
  private static @Nullable LaunchFacts forgetting(
      @Nullable LaunchFacts facts, List<FieldChange> changes) {
    if (facts == null) {
      return null;
    }
    List<Object> changed = new ArrayList<>();
    changes.forEach(change -> changed.add(change.field()));
    boolean accel = changed.contains(VmFields.ACCEL);
    return new LaunchFacts(
        changed.contains(VmFields.MACHINE) ? "" : facts.machine(),
        // The default model depends on the accelerator.
        changed.contains(VmFields.CPU) || accel ? "" : facts.cpu(),
        accel ? null : facts.accel(),
        accel ? "" : facts.accelReason(),
        changed.contains(VmFields.VCPUS) ? 0 : facts.vcpus(),
        changed.contains(VmFields.MEMORY) ? 0 : facts.memoryMb(),
        facts.sshPort(),
        facts.vnc(),
        facts.pid(),
        facts.processStart(),
        facts.bootId(),
        facts.shares(),
        facts.cards(),
        facts.room(),
        null);
  }

  Outcome trashDisk(Look look, Action.TrashDisk trash) {
    VmRecord record = look.target();
    Optional<ImageSource> missing = preflight.check(record, look.plan());
    if (missing.isPresent()) {
      return fetching.fetch(record, missing.get());
    }
    Applied applied = Objects.requireNonNull(record.applied());
    if (look.hypervisor().capabilities().has(Capability.DISK)) {
      parts
          .disks()
          .trashDisk(record.name(), applied.diskId(), parts.data().vm(record.name()), "Replaced");
      events.normal(
          record.name(),
          "DiskTrashed",
          "its old disk is in the trash ('vmctl trash list'): " + trash.reason());
      dataDisks.retire(record);
    }
    UUID fresh = intents.newUuid();
    store.change(
        record.name(),
        now ->
            now.withApplied(null)
                .withPhase(VmRecord.Phase.CLAIMED)
                .withPending(null)
                .withReplaced(replaced(now, applied))
                .withDesired(
                    now.desired().diskId().equals(applied.diskId())
                        ? now.desired().withDisk(fresh)
                        : now.desired()));
    look.hypervisor().release(observing.handle(record));
    return Outcome.DONE;
  }

  /** The last disk on which it was ready. There is no way back from a way back. */
  private static @Nullable Replaced replaced(VmRecord record, Applied applied) {
    Replaced before = record.replaced();
    boolean goesBack =
        record.desired().pin() != null
            || (before != null && before.diskId().equals(record.desired().diskId()));
    if (goesBack) {
      return null;
    }
    return before == null
        ? new Replaced(applied.diskId(), record.provision(), null, false)
        : new Replaced(before.diskId(), before.provision(), null, false);
  }

  Outcome destroy(Look look) {
    VmRecord record = look.target();
    VmName name = record.name();
    Removal removal = Objects.requireNonNull(record.removal());
    Path directory = parts.data().vm(name);
    Applied applied = record.applied();
    store.change(
        record.name(),
        now -> removal.equals(now.removal()) ? now.withPhase(VmRecord.Phase.TRASHED) : now);
    // A disk that we did not make, or had no time to write down, is no less worth keeping.
    boolean hasDisk = applied != null || parts.disks().exists(directory.resolve(Disks.OVERLAY));
    UUID disk = applied == null ? record.desired().diskId() : applied.diskId();
    boolean keep =
        hasDisk && !removal.purge() && look.hypervisor().capabilities().has(Capability.DISK);
    String elsewhere = String.join(", ", elsewhere(name));
    // While there is a record: what a killed engine leaves of it later, nobody would find again.
    look.hypervisor().release(observing.handle(record));
    boolean gone =
        store.takeAway(
            name,
            now -> removal.equals(now.removal()),
            () -> {
              if (keep) {
                parts.disks().trashVm(name, disk, directory, removal.reason());
              } else {
                parts.disks().purgeVm(directory);
              }
            });
    if (!gone) {
      // It was declared again, or is to be removed otherwise, since we looked.
      return Outcome.DONE;
    }
    runtimes.forget(name);
    parts.observer().forgotten(name);
    events.normal(
        name,
        removal.reason(),
        (keep ? "removed; its disk is in the trash ('vmctl trash list')" : "removed for good")
            + (elsewhere.isEmpty() ? "" : "; what others have made stays: " + elsewhere));
    return Outcome.GONE;
  }

  /** Files that others have made, of which only the names go. */
  private List<String> elsewhere(VmName name) {
    return parts.disks().linked(parts.data().vm(name)).values().stream()
        .map(Path::toString)
        .toList();
  }
}
