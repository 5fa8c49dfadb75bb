package dev.vmctl.store;

import dev.vmctl.model.Condition;
import dev.vmctl.model.MacAddress;
import dev.vmctl.model.RestartPolicy;
import dev.vmctl.model.SourceId;
import dev.vmctl.model.VmName;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * All that is remembered of one VM: {@code vms/<name>/vm.json}.
 *
 * @param format of the file; a newer one is refused
 * @param uuid the VM's identity, in the hypervisor too
 * @param runDirectory where its sockets are
 * @param restarts when it was brought back after a crash, newest last, the last few only
 * @param restartCount how often in all
 * @param conditions as last judged; what can be observed is observed again
 * @param labels that people gave it by hand, beside those that its VMFile declares
 * @param failure why it is not as declared; null when nothing failed
 * @param replaced there while it has not been ready on a new root disk; null otherwise
 * @param adoption there for a VM that others have made; null otherwise
 * @param snapshots those of its disks, the oldest first; also of a root disk that is in the trash
 * @param task what is to be done with one of them, or has failed; null for nothing
 * @param cloneOf what its first disks are copies of; null for those that are made of images
 */
public record VmRecord(
    int format,
    UUID uuid,
    VmName name,
    SourceId source,
    Phase phase,
    MacAddress mac,
    Path runDirectory,
    Instant createdAt,
    Desired desired,
    @Nullable Pending pending,
    @Nullable Applied applied,
    List<Hold> holds,
    @Nullable Provisioned provision,
    @Nullable Exit lastExit,
    List<Instant> restarts,
    int restartCount,
    @Nullable Removal removal,
    List<Condition> conditions,
    @Nullable Failure failure,
    @Nullable Replaced replaced,
    Map<String, String> labels,
    @Nullable Adoption adoption,
    List<KeptSnapshot> snapshots,
    @Nullable SnapshotTask task,
    @Nullable CloneOf cloneOf) {

  /** The newest format this version reads, and the one it writes. */
  public static final int FORMAT = 1;

  /** How far a VM has come. */
  public enum Phase {
    /** Its identity is fixed; nothing of it may exist yet. */
    CLAIMED,
    /** It has a disk. */
    LIVE,
    /** It is in the trash, or on the way there. */
    TRASHED
  }

  public VmRecord {
    Objects.requireNonNull(uuid);
    Objects.requireNonNull(name);
    Objects.requireNonNull(source);
    Objects.requireNonNull(phase);
    Objects.requireNonNull(mac);
    Objects.requireNonNull(runDirectory);
    Objects.requireNonNull(createdAt);
    Objects.requireNonNull(desired);
    holds = List.copyOf(holds);
    restarts = List.copyOf(restarts);
    conditions = List.copyOf(conditions);
    labels = sorted(labels);
    // Nor has a record of before there were any.
    snapshots = snapshots == null ? List.of() : List.copyOf(snapshots);
  }

  /** Records of before there were labels by hand have none. */
  private static Map<String, String> sorted(@Nullable Map<String, String> labels) {
    return Collections.unmodifiableMap(labels == null ? Map.of() : new TreeMap<>(labels));
  }

  /** A VM that has just been declared. */
  public static VmRecord claim(
      UUID uuid, VmName name, SourceId source, MacAddress mac, Path runDirectory, Desired desired) {
    return new VmRecord(
        FORMAT,
        uuid,
        name,
        source,
        Phase.CLAIMED,
        mac,
        runDirectory,
        desired.changedAt(),
        desired,
        null,
        null,
        List.of(),
        null,
        null,
        List.of(),
        0,
        null,
        List.of(),
        null,
        null,
        Map.of(),
        null,
        List.of(),
        null,
        null);
  }

  public Optional<Condition> condition(Condition.Type type) {
    return conditions.stream().filter(condition -> condition.type() == type).findFirst();
  }

  public boolean isHeld(Hold.Kind kind) {
    return holds.stream().anyMatch(hold -> hold.kind() == kind);
  }

  /** Whether its guest is to stand still, in memory or on disk. */
  public boolean isSuspended() {
    return isHeld(Hold.Kind.SUSPENDED) || isHeld(Hold.Kind.SUSPENDED_TO_DISK);
  }

  /** Whether people and sources want the same of the VM in both. */
  public boolean wantsSameAs(VmRecord other) {
    return desired.equals(other.desired)
        && holds.equals(other.holds)
        && Objects.equals(removal, other.removal)
        && Objects.equals(provision, other.provision)
        && Objects.equals(lastExit, other.lastExit)
        && Objects.equals(task, other.task);
  }

  /**
   * Whether the guest has ended by itself, its restart policy leaves it so, and nobody has asked
   * for it to run since.
   */
  public boolean staysEnded() {
    RestartPolicy policy =
        Objects.requireNonNullElse(desired.spec().policy().restart(), RestartPolicy.ON_FAILURE);
    return lastExit != null && !policy.bringsBack(lastExit.reason());
  }

  public VmRecord withSource(SourceId from) {
    return copy(draft -> draft.source = from);
  }

  public VmRecord withPhase(Phase now) {
    return copy(draft -> draft.phase = now);
  }

  public VmRecord withDesired(Desired wanted) {
    return copy(draft -> draft.desired = wanted);
  }

  public VmRecord withPending(@Nullable Pending begun) {
    return copy(draft -> draft.pending = begun);
  }

  public VmRecord withApplied(@Nullable Applied done) {
    return copy(draft -> draft.applied = done);
  }

  public VmRecord mapApplied(UnaryOperator<Applied> change) {
    return applied == null ? this : withApplied(change.apply(applied));
  }

  public VmRecord withHolds(List<Hold> held) {
    return copy(draft -> draft.holds = held);
  }

  public VmRecord withProvision(@Nullable Provisioned ended) {
    return copy(draft -> draft.provision = ended);
  }

  public VmRecord withLastExit(@Nullable Exit ended) {
    return copy(draft -> draft.lastExit = ended);
  }

  public VmRecord withRestarts(List<Instant> recent, int total) {
    return copy(
        draft -> {
          draft.restarts = recent;
          draft.restartCount = total;
        });
  }

  public VmRecord withRemoval(@Nullable Removal intent) {
    return copy(draft -> draft.removal = intent);
  }

  public VmRecord withConditions(List<Condition> judged) {
    return copy(draft -> draft.conditions = judged);
  }

  public VmRecord withFailure(@Nullable Failure cause) {
    return copy(draft -> draft.failure = cause);
  }

  public VmRecord withReplaced(@Nullable Replaced disk) {
    return copy(draft -> draft.replaced = disk);
  }

  /** This run of its guest was seen ready. */
  public VmRecord withReady(String incarnation) {
    return withReplaced(null).mapApplied(had -> had.withReady(incarnation));
  }

  public VmRecord withLabels(Map<String, String> byHand) {
    return copy(draft -> draft.labels = byHand);
  }

  /** It was made by others. */
  public VmRecord withAdoption(Adoption found) {
    return copy(draft -> draft.adoption = found);
  }

  /** Somebody has declared it. */
  public VmRecord withAdoptionDeclared() {
    return adoption == null ? this : withAdoption(adoption.asDeclared());
  }

  /** Whether this disk is one that others have made: what cloud-init reads there is theirs, too. */
  public boolean isAdopted(UUID disk) {
    return adoption != null && adoption.diskId().equals(disk);
  }

  /** The snapshots that its present root disk has, the oldest first. */
  public List<KeptSnapshot> snapshotsOfDisk() {
    return applied == null
        ? List.of()
        : snapshots.stream().filter(each -> each.diskId().equals(applied.diskId())).toList();
  }

  /** The snapshot of this name that its present root disk has. */
  public Optional<KeptSnapshot> snapshot(String called) {
    return snapshotsOfDisk().stream().filter(each -> each.name().equals(called)).findFirst();
  }

  /** The memory of its guest that is kept within its disks; empty when none is. */
  public Optional<Saved> saved() {
    return Optional.ofNullable(applied).flatMap(has -> Optional.ofNullable(has.saved()));
  }

  /** Whether something is to be done with a snapshot. */
  public boolean hasTask() {
    return task != null && task.isPending();
  }

  public VmRecord withTask(@Nullable SnapshotTask wanted) {
    return copy(draft -> draft.task = wanted);
  }

  public VmRecord withSnapshots(List<KeptSnapshot> kept) {
    return copy(draft -> draft.snapshots = kept);
  }

  public VmRecord withCloneOf(@Nullable CloneOf origin) {
    return copy(draft -> draft.cloneOf = origin);
  }

  private VmRecord copy(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return draft.build();
  }

  /** A record under change: keeps the withers from naming every component. */
  private static final class Draft {
    private final VmRecord from;
    private SourceId source;
    private Phase phase;
    private Desired desired;
    private @Nullable Pending pending;
    private @Nullable Applied applied;
    private List<Hold> holds;
    private @Nullable Provisioned provision;
    private @Nullable Exit lastExit;
    private List<Instant> restarts;
    private int restartCount;
    private @Nullable Removal removal;
    private List<Condition> conditions;
    private @Nullable Failure failure;
    private @Nullable Replaced replaced;
    private Map<String, String> labels;
    private @Nullable Adoption adoption;
    private List<KeptSnapshot> snapshots;
    private @Nullable SnapshotTask task;
    private @Nullable CloneOf cloneOf;

    Draft(VmRecord from) {
      this.from = from;
      source = from.source;
      phase = from.phase;
      desired = from.desired;
      pending = from.pending;
      applied = from.applied;
      holds = from.holds;
      provision = from.provision;
      lastExit = from.lastExit;
      restarts = from.restarts;
      restartCount = from.restartCount;
      removal = from.removal;
      conditions = from.conditions;
      failure = from.failure;
      replaced = from.replaced;
      labels = from.labels;
      adoption = from.adoption;
      snapshots = from.snapshots;
      task = from.task;
      cloneOf = from.cloneOf;
    }

    VmRecord build() {
      return new VmRecord(
          from.format,
          from.uuid,
          from.name,
          source,
          phase,
          from.mac,
          from.runDirectory,
          from.createdAt,
          desired,
          pending,
          applied,
          holds,
          provision,
          lastExit,
          restarts,
          restartCount,
          removal,
          conditions,
          failure,
          replaced,
          labels,
          adoption,
          snapshots,
          task,
          cloneOf);
    }
  }
}
