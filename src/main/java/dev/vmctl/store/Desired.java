package dev.vmctl.store;

import dev.vmctl.model.VmSpec;
import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What a VM should be.
 *
 * @param generation rises by one with each change of {@code hash}; from 1
 * @param hash of the declared fields and the inputs' digests, see {@link SpecHash}
 * @param inputs digests of the files that are part of the declaration, by absolute path
 * @param diskId the disk it should run on: a new id asks for a new disk
 * @param changedAt when it became so
 * @param settled whether disruptive changes may be made at once, or wait until the source has been
 *     unchanged for the settle time
 * @param declaredAt {@code file:line} for people
 * @param revision the commit that declares it so; null without one. Not part of the hash: a commit
 *     that changes nothing of the VM changes nothing
 * @param approved whether somebody has asked for changes that wait for that
 * @param pin there while a rollback has put an older declaration in the place of that of the
 *     VMFile; null otherwise
 */
public record Desired(
    long generation,
    String hash,
    VmSpec spec,
    Map<String, String> inputs,
    UUID diskId,
    Instant changedAt,
    boolean settled,
    @Nullable String declaredAt,
    @Nullable String revision,
    boolean approved,
    @Nullable Pin pin) {
  public Desired {
    Objects.requireNonNull(hash);
    Objects.requireNonNull(spec);
    inputs = Collections.unmodifiableMap(new TreeMap<>(inputs));
    Objects.requireNonNull(diskId);
    Objects.requireNonNull(changedAt);
  }

  /** One whose changes nobody has asked for yet. */
  public Desired(
      long generation,
      String hash,
      VmSpec spec,
      Map<String, String> inputs,
      UUID diskId,
      Instant changedAt,
      boolean settled,
      @Nullable String declaredAt,
      @Nullable String revision) {
    this(
        generation,
        hash,
        spec,
        inputs,
        diskId,
        changedAt,
        settled,
        declaredAt,
        revision,
        false,
        null);
  }

  /** The same, with this as what is declared. */
  public Desired withSpec(VmSpec other, String otherHash) {
    return new Desired(
        generation,
        otherHash,
        other,
        inputs,
        diskId,
        changedAt,
        settled,
        declaredAt,
        revision,
        approved,
        pin);
  }

  /** The next generation, with this as what is declared. */
  public Desired redeclared(VmSpec other, String otherHash, Instant now) {
    return new Desired(
        generation + 1,
        otherHash,
        other,
        inputs,
        diskId,
        now,
        settled,
        declaredAt,
        revision,
        approved,
        pin);
  }

  /** The same, with its changes asked for. */
  public Desired asApproved() {
    return with(diskId, settled, declaredAt, revision, true, pin);
  }

  public Desired withDisk(UUID disk) {
    return with(disk, settled, declaredAt, revision, approved, pin);
  }

  public Desired withSettled(boolean now) {
    return with(diskId, now, declaredAt, revision, approved, pin);
  }

  public Desired withDeclaredAt(@Nullable String place, @Nullable String commit) {
    return with(diskId, settled, place, commit, approved, pin);
  }

  public Desired withPin(@Nullable Pin pinned) {
    return with(diskId, settled, declaredAt, revision, approved, pinned);
  }

  /** What the VMFile declares, whether that is in force or not; see {@link SpecHash#of}. */
  public String declaredHash() {
    return pin == null ? hash : pin.declaredHash();
  }

  private Desired with(
      UUID disk,
      boolean mayDisturb,
      @Nullable String place,
      @Nullable String commit,
      boolean asked,
      @Nullable Pin pinned) {
    return new Desired(
        generation, hash, spec, inputs, disk, changedAt, mayDisturb, place, commit, asked, pinned);
  }
}
