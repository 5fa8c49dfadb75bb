package dev.vmctl.controller;

import dev.vmctl.api.RollbackView;
import dev.vmctl.disk.TrashEntry;
import dev.vmctl.hypervisor.Hypervisor;
import dev.vmctl.hypervisor.Observation;
import dev.vmctl.image.ImageSource;
import dev.vmctl.model.Change;
import dev.vmctl.model.DiskSpec;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import dev.vmctl.model.VmSpec;
import dev.vmctl.model.Withheld;
import dev.vmctl.plan.Plan;
import dev.vmctl.source.InputDigests;
import dev.vmctl.store.Applied;
import dev.vmctl.store.Desired;
import dev.vmctl.store.PastGeneration;
import dev.vmctl.store.Pin;
import dev.vmctl.store.VmRecord;
import dev.vmctl.store.VmStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The way back to a past generation. It is as if the VMFile said again what it said then, but for
 * the root disk: that of then comes back from the trash where another has taken its place.
 */
final class Rollback {
  private final EngineParts parts;
  private final VmStore store;
  private final Observing observing;
  private final Intents intents;
  private final Events events;
  private final Preflight preflight;
  private final Past past;
  private final DiskOrigins origins;

  Rollback(
      EngineParts parts,
      VmStore store,
      Observing observing,
      Intents intents,
      Events events,
      Preflight preflight,
      Past past) {
    this.parts = parts;
    this.store = store;
    this.observing = observing;
    this.intents = intents;
    this.events = events;
    this.preflight = preflight;
    this.past = past;
    this.origins = new DiskOrigins(parts);
  }

  /**
   * @param record after it
   */
  private record Way(VmRecord record, RollbackView view) {}

  /**
   * Records that it is wanted.
   *
   * @param seen how it was seen last
   * @throws VmException as {@link #find} does
   */
  RollbackView to(VmRecord record, @Nullable Long generation, Observation seen) {
    Way first = find(record, generation, seen);
    List<RollbackView> views = new ArrayList<>();
    store.update(
        record.name(),
        now -> {
          if (now == null) {
            return null;
          }
          // Somebody may have declared otherwise since we looked: then all is looked at again.
          Way way = now.equals(record) ? first : find(now, generation, seen);
          views.add(way.view());
          return way.record();
        });
    RollbackView view = views.isEmpty() ? first.view() : views.getLast();
    events.normal(
        record.name(),
        "RolledBack",
        "to generation "
            + view.to()
            + ", as generation "
            + view.generation()
            + (view.pinned() ? ", until the next edit of its VMFile" : ""));
    return view;
  }

  /**
   * Finds the way, and whether it can be gone, before anything is touched.
   *
   * @param generation null for the newest applied one before that in force
   * @throws VmException vm.generation_unknown; vm.generation_incomplete when it had secrets that
   *     are not kept; image.not_found when its image is gone; vm.destroy_prevented;
   *     disk.shrink_refused; vm.invalid_state when it is in force
   */
  private Way find(VmRecord record, @Nullable Long generation, Observation seen) {
    VmName name = record.name();
    List<PastGeneration> kept = past.past(record);
    PastGeneration then =
        generation == null ? before(record, kept) : Past.find(name, kept, generation);
    Desired desired = record.desired();
    Pin pin = desired.pin();
    boolean unpins = pin != null && pin.declaredHash().equals(then.hash());
    VmSpec spec = unpins ? Objects.requireNonNull(pin).declared() : restored(record, then);
    Map<String, String> inputs =
        unpins ? Objects.requireNonNull(pin).declaredInputs() : digests(then);
    Optional<TrashEntry> disk = disk(record, then);
    Desired wanted =
        new Desired(
            desired.generation() + 1,
            unpins ? then.hash() : intents.hash(spec, inputs),
            spec,
            inputs,
            disk.map(TrashEntry::diskId).orElse(desired.diskId()),
            now(),
            true,
            desired.declaredAt(),
            desired.revision(),
            true,
            unpins ? null : pinned(desired, then, now()));
    if (wanted.hash().equals(desired.hash()) && disk.isEmpty()) {
      throw new VmException(
          ErrorCode.VM_INVALID_STATE,
          name + " is declared as in generation " + then.generation() + " already",
          "'vmctl diff " + name + "' shows what has changed last");
    }
    VmRecord after =
        intents.rollBack(record, wanted, disk.isPresent() ? then.provision() : null, now());
    check(record, after, then, seen);
    return new Way(after, view(record, after, then, disk));
  }

  /** The newest that was applied and declares otherwise, before the one in force. */
  private static PastGeneration before(VmRecord record, List<PastGeneration> kept) {
    Pin pin = record.desired().pin();
    long below = pin == null ? record.desired().generation() : pin.to();
    return kept.reversed().stream()
        .filter(each -> each.generation() < below && each.applied() && each.pinnedTo() == null)
        .filter(each -> !each.hash().equals(record.desired().hash()))
        .findFirst()
        .orElseThrow(
            () ->
                new VmException(
                    ErrorCode.GENERATION_UNKNOWN,
                    "nothing before generation " + below + " of " + record.name() + " is kept",
                    "'vmctl history " + record.name() + "' shows what is"));
  }

  /** What is in force is pinned to the first that it repeats. */
  private static Pin pinned(Desired desired, PastGeneration then, Instant at) {
    Pin pin = desired.pin();
    return new Pin(
        Objects.requireNonNullElse(then.pinnedTo(), then.generation()),
        at,
        then.imageDigest(),
        pin == null ? desired.spec() : pin.declared(),
        desired.declaredHash(),
        pin == null ? desired.generation() : pin.declaredGeneration(),
        pin == null ? desired.inputs() : pin.declaredInputs());
  }

  /** With the secrets that are not kept as they are declared today. */
  private static VmSpec restored(VmRecord record, PastGeneration then) {
    List<VmSpec> others = new ArrayList<>(List.of(record.desired().spec()));
    Pin pin = record.desired().pin();
    Applied applied = record.applied();
    if (pin != null) {
      others.addFirst(pin.declared());
    }
    if (applied != null) {
      others.add(applied.spec());
    }
    Set<String> missing = new TreeSet<>();
    VmSpec spec = Withheld.restored(then.spec(), others, missing);
    if (!missing.isEmpty()) {
      throw new VmException(
          ErrorCode.GENERATION_INCOMPLETE,
          "generation "
              + then.generation()
              + " of "
              + record.name()
              + " had secrets that are not kept and not declared any more: "
              + String.join(", ", missing),
          "write that generation into the VMFile by hand, with them: 'vmctl diff "
              + record.name()
              + " "
              + then.generation()
              + "' shows the rest");
    }
    return spec;
  }

  /** Of the files as they are now: what they were is not kept. */
  private static Map<String, String> digests(PastGeneration then) {
    Map<String, String> digests = new TreeMap<>();
    for (String path : then.inputs().keySet()) {
      try {
        digests.put(path, InputDigests.now(Path.of(path)));
      } catch (IOException e) {
        throw new VmException(
            ErrorCode.GENERATION_INCOMPLETE,
            path + ", a file of generation " + then.generation() + ", cannot be read: " + e,
            "put it back: the contents of files are not kept",
            e);
      }
    }
    return digests;
  }

  /** The disk of then, if that is not the present one and is in the trash. */
  private Optional<TrashEntry> disk(VmRecord record, PastGeneration then) {
    UUID disk = then.diskId();
    boolean present = record.applied() != null && record.applied().diskId().equals(disk);
    return disk == null || present ? Optional.empty() : origins.kept(record, disk);
  }

  private void check(VmRecord before, VmRecord after, PastGeneration then, Observation seen) {
    Hypervisor hypervisor = parts.hypervisors().of(Observing.specThatRuns(before));
    Plan plan = observing.plan(after, hypervisor, seen);
    boolean otherDisk =
        plan.hardest() == Change.REPLACE
            || !after.desired().diskId().equals(before.desired().diskId());
    if (otherDisk) {
      Intents.refuseIfPrevented(before.desired().spec(), "replaced");
    }
    if ((otherDisk || after.applied() == null)
        && ImageSource.of(after.desired().spec()).isPresent()
        && origins.kept(after).isEmpty()
        && !hasImage(after, then)) {
      throw imageGone(after, then);
    }
    preflight.check(after, plan);
  }

  /** The image of then, not what its source may hold now. */
  private boolean hasImage(VmRecord after, PastGeneration then) {
    String digest = then.imageDigest();
    return digest == null
        ? origins.image(after).isPresent()
        : parts.images().byDigest(digest).isPresent()
            || origins.image(after).filter(image -> image.digest().equals(digest)).isPresent();
  }

  private static VmException imageGone(VmRecord record, PastGeneration then) {
    String source = ImageSource.of(then.spec()).map(ImageSource::text).orElse("");
    return new VmException(
        ErrorCode.IMAGE_NOT_FOUND,
        "the image of generation "
            + then.generation()
            + " is gone: "
            + source
            + (then.imageDigest() == null ? "" : ", " + then.imageDigest())
            + " is not in the cache, nor its disk in the trash",
        "get it again with 'vmctl image pull "
            + source
            + "', or declare the image in the VMFile; "
            + record.name()
            + " stays as it is");
  }

  private RollbackView view(
      VmRecord before, VmRecord after, PastGeneration then, Optional<TrashEntry> disk) {
    List<String> notes = new ArrayList<>();
    Pin pin = after.desired().pin();
    then.inputs()
        .forEach(
            (path, digest) -> {
              if (!digest.equals(after.desired().inputs().get(path))) {
                notes.add(path + " is not what it was then: it is used as it is now");
              }
            });
    Set<String> secrets = Withheld.names(then.spec());
    if (pin != null && !secrets.isEmpty()) {
      notes.add(
          "values of today for " + String.join(", ", secrets) + ": those of then are not kept");
    }
    trashedData(before, after).forEach(notes::add);
    return new RollbackView(
        before.name().value(),
        pin == null ? then.generation() : pin.to(),
        after.desired().generation(),
        pin != null,
        disk.map(TrashEntry::id).orElse(null),
        notes);
  }

  /** A data disk that comes back is made anew; the old one may be in the trash. */
  private List<String> trashedData(VmRecord before, VmRecord after) {
    Applied applied = before.applied();
    List<DiskSpec> had = applied == null ? List.of() : applied.spec().disks();
    List<String> notes = new ArrayList<>();
    for (DiskSpec disk : after.desired().spec().disks()) {
      boolean there = had.stream().anyMatch(each -> each.name().equals(disk.name()));
      parts.disks().trash().stream()
          .filter(entry -> !there && entry.vm().equals(before.name()))
          .filter(entry -> disk.name().equals(entry.dataDisk()))
          .map(entry -> "disk '" + disk.name() + "' is made anew; the old one is " + entry.id())
          .findFirst()
          .ifPresent(note -> notes.add(note + " in the trash"));
    }
    return notes;
  }

  private Instant now() {
    return parts.timeline().now();
  }
}
