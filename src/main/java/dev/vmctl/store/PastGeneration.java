package dev.vmctl.store;

import dev.vmctl.model.VmSpec;
import dev.vmctl.model.Withheld;
import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What a VM should have been, once: {@code vms/<name>/history/<generation>.json}. Secrets are not
 * kept ({@link Withheld}).
 *
 * @param hash see {@link Desired#hash}
 * @param spec without its secrets
 * @param inputs digests of the files that were part of it; their content is not kept
 * @param changedAt when it became so
 * @param until when the next one did
 * @param pinnedTo the generation that it was a rollback to; null for one that a VMFile declared
 * @param applied whether it was ever carried out
 * @param diskId the disk that it ran on last; null when it was not applied
 * @param imageDigest base image under that disk; null without one
 * @param provision how its steps ended on that disk; null when they did not
 */
public record PastGeneration(
    long generation,
    String hash,
    VmSpec spec,
    Map<String, String> inputs,
    Instant changedAt,
    Instant until,
    @Nullable String declaredAt,
    @Nullable String revision,
    @Nullable Long pinnedTo,
    boolean applied,
    @Nullable UUID diskId,
    @Nullable String imageDigest,
    @Nullable Provisioned provision) {
  public PastGeneration {
    Objects.requireNonNull(hash);
    Objects.requireNonNull(spec);
    inputs = Collections.unmodifiableMap(new TreeMap<>(inputs));
    Objects.requireNonNull(changedAt);
    Objects.requireNonNull(until);
  }

  /** The generation that a record is in, as it will be kept once another follows. */
  public static PastGeneration of(VmRecord record, Instant until) {
    Desired desired = record.desired();
    Applied applied = record.applied();
    if (applied != null && applied.generation() != desired.generation()) {
      applied = null;
    }
    Pin pin = desired.pin();
    return new PastGeneration(
        desired.generation(),
        desired.hash(),
        Withheld.from(desired.spec()),
        desired.inputs(),
        desired.changedAt(),
        until,
        desired.declaredAt(),
        desired.revision(),
        pin == null ? null : pin.to(),
        applied != null,
        applied == null ? null : applied.diskId(),
        applied == null ? null : applied.imageDigest(),
        applied == null ? null : record.provision());
  }
}
