package dev.vmctl.controller;

import dev.vmctl.api.LabelChange;
import dev.vmctl.model.Condition;
import dev.vmctl.model.Declaration;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.ExitReason;
import dev.vmctl.model.Field;
import dev.vmctl.model.FieldValues;
import dev.vmctl.model.LaunchFacts;
import dev.vmctl.model.MacAddress;
import dev.vmctl.model.PolicyFields;
import dev.vmctl.model.RestartPolicy;
import dev.vmctl.model.SourceId;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmFields;
import dev.vmctl.model.VmSpec;
import dev.vmctl.store.Adoption;
import dev.vmctl.store.Applied;
import dev.vmctl.store.Desired;
import dev.vmctl.store.Hold;
import dev.vmctl.store.Provisioned;
import dev.vmctl.store.Removal;
import dev.vmctl.store.Replaced;
import dev.vmctl.store.SnapshotTask;
import dev.vmctl.store.SpecHash;
import dev.vmctl.store.VmRecord;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What people and sources want, written into a VM's record. Each is a function from record to
 * record; the loop does the rest.
 */
final class Intents {
  /** Of what a root disk was made and set up with; nothing of it can be seen in the disk. */
  private static final Set<Field<?>> MADE_OF =
      Set.of(
          VmFields.IMAGE,
          VmFields.IMAGE_URL,
          VmFields.IMAGE_BUILD,
          VmFields.IMAGE_SHA256,
          VmFields.CLOUD_INIT_HOSTNAME,
          VmFields.CLOUD_INIT_SSH_KEY,
          VmFields.CLOUD_INIT_USER_DATA,
          VmFields.SSH_USER,
          VmFields.SSH_PRIVATE_KEY);

  private final RandomGenerator random;
  private final Path runDirectory;
  private final SpecHash hashes = new SpecHash();

  Intents(RandomGenerator random, Path runDirectory) {
    this.random = random;
    this.runDirectory = runDirectory;
  }

  /**
   * The VM is declared so.
   *
   * @param settled whether disruptive changes may be made at once
   */
  VmRecord declare(
      @Nullable VmRecord record,
      Declaration declaration,
      SourceId source,
      boolean settled,
      Instant now) {
    String hash = hashes.of(declaration.spec(), declaration.inputs());
    String place =
        declaration.line() == 0
            ? declaration.file().toString()
            : declaration.file() + ":" + declaration.line();
    String revision = declaration.revision().isEmpty() ? null : declaration.revision();
    if (record == null) {
      UUID uuid = newUuid();
      MacAddress mac = newMac();
      Desired first =
          new Desired(
              1,
              hash,
              declaration.spec(),
              declaration.inputs(),
              newUuid(),
              now,
              true,
              place,
              revision);
      return reconciling(
          VmRecord.claim(uuid, declaration.name(), source, mac, runDirectory, first),
          "Declared",
          now);
    }
    VmRecord kept =
        record.removal() == null
            ? record
            : record
                .withRemoval(null)
                .withPhase(record.applied() == null ? VmRecord.Phase.CLAIMED : VmRecord.Phase.LIVE);
    kept = kept.source().equals(source) ? kept : kept.withSource(source);
    kept = declaredFirst(kept, declaration, now);
    kept = kept.withLabels(LabelsByHand.beside(declaration.spec(), kept.labels()));
    Desired before = record.desired();
    // Who has rolled back has it so until the next edit; an edit to the same ends it, too.
    boolean stays = before.declaredHash().equals(hash) || before.hash().equals(hash);
    if (stays) {
      Desired same = before.withDeclaredAt(place, revision);
      same = before.declaredHash().equals(hash) ? same : same.withPin(null);
      return kept.withDesired(settled ? same.withSettled(true) : same);
    }
    Desired next =
        new Desired(
            before.generation() + 1,
            hash,
            declaration.spec(),
            declaration.inputs(),
            before.diskId(),
            now,
            settled,
            place,
            revision);
    return reconciling(kept.withDesired(next).withFailure(null), "Changed", now);
  }

  /**
   * Who declares an adopted VM first tells what its disk was made of and set up with, which nobody
   * could see: that is taken for true, where it would else mean a new disk.
   */
  private VmRecord declaredFirst(VmRecord record, Declaration declaration, Instant now) {
    Adoption adoption = record.adoption();
    if (adoption == null || adoption.declared()) {
      return record;
    }
    VmSpec declared = declaration.spec();
    Set<Field<?>> taken = new HashSet<>(MADE_OF);
    Long size = declared.diskBytes();
    if (size != null && size == adoption.diskBytes()) {
      taken.add(VmFields.DISK);
    }
    VmRecord told =
        record
            .withAdoptionDeclared()
            .mapApplied(had -> had.withSpec(had.spec().with(taken, declared)));
    return declared.provision().isEmpty()
        ? told
        : told.withProvision(
            new Provisioned(
                record.desired().diskId(),
                hashes.ofSteps(declared, declaration.inputs()),
                Provisioned.Result.SUCCEEDED,
                0,
                "before it was adopted",
                now));
  }

  /** A VM that others have made, as it was found; whoever declares it next has it. */
  VmRecord adopted(
      VmSpec spec,
      UUID uuid,
      @Nullable MacAddress mac,
      String from,
      long diskBytes,
      LaunchFacts facts,
      boolean running,
      List<Hold> holds,
      Instant now) {
    Desired desired =
        new Desired(1, hash(spec, Map.of()), spec, Map.of(), newUuid(), now, true, null, null);
    Applied made = Applied.created(desired, null);
    VmRecord claim =
        VmRecord.claim(
            uuid,
            spec.name(),
            SourceId.restored(),
            mac == null ? newMac() : mac,
            runDirectory,
            desired);
    return reconciling(
        claim
            .withPhase(VmRecord.Phase.LIVE)
            .withApplied(running ? made.started(facts, now) : made.withFacts(facts))
            .withHolds(holds)
            .withAdoption(new Adoption(now, from, desired.diskId(), diskBytes, false)),
        "Adopted",
        now);
  }

  private MacAddress newMac() {
    return MacAddress.underQemuPrefix(random.nextInt() & 0xffffff);
  }

  /**
   * A VM that comes from elsewhere: nothing of it runs here.
   *
   * @param renewed whether it gets an identity of its own, since a VM here has its
   */
  VmRecord imported(VmRecord record, boolean renewed) {
    return new VmRecord(
        record.format(),
        renewed ? newUuid() : record.uuid(),
        record.name(),
        record.source(),
        record.applied() == null ? VmRecord.Phase.CLAIMED : VmRecord.Phase.LIVE,
        renewed ? newMac() : record.mac(),
        runDirectory,
        record.createdAt(),
        settle(record).desired(),
        null,
        record.mapApplied(applied -> applied.ended().withSaved(null)).applied(),
        List.of(),
        record.provision(),
        null,
        List.of(),
        0,
        null,
        List.of(),
        null,
        null,
        record.labels(),
        record.adoption(),
        // Its disks have come without what they had within them.
        List.of(),
        null,
        null);
  }

  /**
   * An older declaration in the place of that of the VMFile, until the next edit of that.
   *
   * @param wanted what it is, and on which disk
   * @param provision how its steps ended on that disk; null when nobody knows
   */
  VmRecord rollBack(VmRecord record, Desired wanted, @Nullable Provisioned provision, Instant now) {
    VmRecord back = record.withDesired(wanted).withFailure(null);
    return reconciling(provision == null ? back : back.withProvision(provision), "RolledBack", now);
  }

  VmRecord settle(VmRecord record) {
    return record.withDesired(record.desired().withSettled(true));
  }

  /** It should run: lifts holds, and starts a guest that has powered itself off. */
  VmRecord run(VmRecord record, Instant now) {
    // A person does not wait for a source to settle, which may not even be followed any more.
    VmRecord lifted = settle(record).withHolds(List.of());
    if (record.lastExit() != null && record.lastExit().reason() != ExitReason.STOPPED) {
      lifted = lifted.withLastExit(null);
    }
    lifted = lifted.withFailure(null);
    return lifted.equals(record) ? record : reconciling(lifted, "Requested", now);
  }

  VmRecord hold(VmRecord record, Hold.Kind kind, String reason, Duration grace, Instant now) {
    boolean asHeld =
        record.holds().stream()
            .anyMatch(hold -> hold.kind() == kind && hold.grace().compareTo(grace) <= 0);
    if (asHeld) {
      return record;
    }
    return hold(record, new Hold(kind, "cli", now, reason, grace), now);
  }

  VmRecord hold(VmRecord record, Hold hold, Instant now) {
    // A hold of one kind ends those of the other: stopped and suspended exclude each other.
    return reconciling(record.withHolds(List.of(hold)).withFailure(null), "Requested", now);
  }

  /** Stopped until the host's next boot. What is held stopped stays so after that, too. */
  VmRecord drain(VmRecord record, Duration grace, String boot, Instant now) {
    if (record.isHeld(Hold.Kind.STOPPED) || record.isHeld(Hold.Kind.DRAINED)) {
      return record;
    }
    List<Hold> holds = new ArrayList<>(record.holds());
    // First, because it is what people see of a VM that is held in two ways.
    holds.addFirst(new Hold(Hold.Kind.DRAINED, "cli", now, "the host goes down", grace, boot));
    return reconciling(record.withHolds(holds).withFailure(null), "Requested", now);
  }

  VmRecord resume(VmRecord record, Instant now) {
    return record.isSuspended()
        ? reconciling(record.withHolds(List.of()), "Requested", now)
        : record;
  }

  /**
   * @throws VmException vm.destroy_prevented
   */
  VmRecord remove(VmRecord record, boolean purge, String reason, Instant now) {
    refuseIfPrevented(record.desired().spec(), "removed");
    return reconciling(
        record.withRemoval(new Removal(purge, reason, now)).withFailure(null), reason, now);
  }

  /** It is to be forgotten as it is. */
  VmRecord release(VmRecord record, Instant now) {
    Removal release = Removal.release(Releases.RELEASED, now);
    return reconciling(record.withRemoval(release).withFailure(null), Releases.RELEASED, now);
  }

  /** Changes that wait for it are asked for. */
  VmRecord approve(VmRecord record, Instant now) {
    return reconciling(
        settle(record.withDesired(record.desired().asApproved())).withFailure(null),
        "Requested",
        now);
  }

  /**
   * Its source does not declare it any more: what its own {@code lifecycle} says becomes of it.
   *
   * @throws VmException vm.destroy_prevented
   */
  VmRecord undeclared(VmRecord record, Duration grace, Instant now) {
    return switch (Objects.requireNonNull(
        PolicyFields.ON_REMOVE.effective(record.desired().spec()))) {
      case TRASH -> remove(record, false, "Removed", now);
      case DESTROY -> remove(record, true, "Removed", now);
      case STOP ->
          hold(
              record.withSource(SourceId.restored()),
              Hold.Kind.STOPPED,
              "no longer declared",
              grace,
              now);
      case ORPHAN -> orphaned(record);
    };
  }

  /** Left as it is: not brought back when it ends. Whoever declares it again has it again. */
  private static VmRecord orphaned(VmRecord record) {
    FieldValues never = new FieldValues();
    never.put(PolicyFields.RESTART, RestartPolicy.NEVER);
    Desired desired = record.desired();
    VmSpec spec =
        desired.spec().with(Set.of(PolicyFields.RESTART), VmSpec.of(record.name(), never));
    return record
        .withSource(SourceId.restored())
        .withDesired(desired.withPin(null).withSpec(spec, "orphaned " + desired.hash()));
  }

  /**
   * @throws VmException vm.destroy_prevented when the VM's own {@code lifecycle} forbids that its
   *     disk is taken away
   */
  static void refuseIfPrevented(VmSpec spec, String what) {
    if (Boolean.TRUE.equals(PolicyFields.PREVENT_DESTROY.effective(spec))) {
      throw new VmException(
          ErrorCode.DESTROY_PREVENTED,
          spec.name() + " cannot be " + what + ": its lifecycle says prevent-destroy",
          "declare prevent-destroy #false first, and run 'vmctl up'");
    }
  }

  /**
   * @throws VmException vm.still_declared
   */
  VmRecord label(VmRecord record, LabelChange change, Instant now) {
    return LabelsByHand.change(record, change, hashes, now);
  }

  /** A new disk, and provisioning on it. */
  VmRecord renew(VmRecord record, boolean provision, Instant now) {
    refuseIfPrevented(record.desired().spec(), "given a new disk");
    UUID disk = newUuid();
    VmRecord renewed =
        run(record, now).withDesired(record.desired().withDisk(disk).withSettled(true));
    Provisioned skipped = provision ? null : skip(renewed, disk, now);
    return reconciling(renewed.withProvision(skipped), "Requested", now);
  }

  /** Something is to be done with a snapshot. */
  VmRecord snapshot(VmRecord record, SnapshotTask task, Instant now) {
    return reconciling(record.withTask(task), "Requested", now);
  }

  /** The disk that the present one has taken the place of. */
  VmRecord putBack(VmRecord record, Replaced replaced, Instant now) {
    Desired back = record.desired().withDisk(replaced.diskId()).withSettled(true);
    return reconciling(
        record.withDesired(back).withProvision(replaced.provision()).withFailure(null),
        "RolledBack",
        now);
  }

  /** The steps again, in any case. */
  VmRecord provisionAgain(VmRecord record, Instant now) {
    return reconciling(record.withProvision(null).withFailure(null), "Requested", now);
  }

  /** The steps again if they failed. */
  VmRecord provisionIfFailed(VmRecord record, Instant now) {
    Provisioned ended = record.provision();
    return ended == null || ended.result() == Provisioned.Result.SUCCEEDED
        ? record
        : provisionAgain(record, now);
  }

  VmRecord provisionNever(VmRecord record, Instant now) {
    Provisioned ended = record.provision();
    UUID disk = record.desired().diskId();
    boolean done = ended != null && ended.isFor(disk, stepsHash(record));
    return done ? record : record.withProvision(skip(record, disk, now));
  }

  /** Digest of what is declared. */
  String hash(VmSpec spec, Map<String, String> inputs) {
    return hashes.of(spec, inputs);
  }

  /** Digest of the steps that are declared now. */
  String stepsHash(VmRecord record) {
    return hashes.ofSteps(record.desired().spec(), record.desired().inputs());
  }

  UUID newUuid() {
    // Random (version 4) by RFC 9562, from the injected source.
    long high = (random.nextLong() & ~0xf000L) | 0x4000L;
    long low = (random.nextLong() & 0x3fff_ffff_ffff_ffffL) | 0x8000_0000_0000_0000L;
    return new UUID(high, low);
  }

  private Provisioned skip(VmRecord record, UUID disk, Instant now) {
    return new Provisioned(
        disk, stepsHash(record), Provisioned.Result.SKIPPED, 0, "not wanted (--no-provision)", now);
  }

  /** Nobody may take the VM for converged between the intent and the loop's first look at it. */
  private static VmRecord reconciling(VmRecord record, String reason, Instant now) {
    Condition.Type type = Condition.Type.RECONCILING;
    Condition next =
        new Condition(type, Condition.Status.TRUE, reason, "", record.desired().generation(), now);
    List<Condition> conditions = new ArrayList<>(record.conditions());
    conditions.removeIf(condition -> condition.type() == type);
    conditions.add(record.condition(type).map(next::after).orElse(next));
    return record.withConditions(conditions);
  }
}
