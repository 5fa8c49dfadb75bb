package dev.vmctl.store;

import dev.vmctl.model.LaunchFacts;
import dev.vmctl.model.ShareFacts;
import dev.vmctl.model.VmSpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What a VM was made to be.
 *
 * @param generation the generation that was applied last
 * @param spec what was declared then
 * @param diskId the disk in its directory
 * @param imageDigest the base image under that disk; null for a backend without
 * @param facts what the last start resolved; null before the first
 * @param startedAt when it was started last; null before the first
 * @param running whether it was started and has not been seen to have ended
 * @param ready the incarnation ({@link LaunchFacts#incarnation}) that was seen ready; null when
 *     none was
 * @param revision the commit that declared that generation when it was applied; null without one
 * @param refused paths of fields that this run of the guest would not have changed: they wait for a
 *     restart
 * @param saved the guest's memory, when that is kept within its disks; null otherwise
 */
public record Applied(
    long generation,
    VmSpec spec,
    UUID diskId,
    @Nullable String imageDigest,
    @Nullable LaunchFacts facts,
    @Nullable Instant startedAt,
    boolean running,
    @Nullable String ready,
    @Nullable String revision,
    List<String> refused,
    @Nullable Saved saved) {
  public Applied {
    Objects.requireNonNull(spec);
    Objects.requireNonNull(diskId);
    // Absent in what an older vmctl stored.
    refused = List.copyOf(Objects.requireNonNullElse(refused, List.of()));
  }

  /** A disk has been made, nothing was started yet. */
  public static Applied created(Desired desired, @Nullable String imageDigest) {
    return new Applied(
        desired.generation(),
        desired.spec(),
        desired.diskId(),
        imageDigest,
        null,
        null,
        false,
        null,
        desired.revision(),
        List.of(),
        null);
  }

  public Applied asDesired(Desired desired) {
    return new Applied(
        desired.generation(),
        desired.spec(),
        diskId,
        imageDigest,
        facts,
        startedAt,
        running,
        ready,
        desired.revision(),
        refused,
        saved);
  }

  /** The same, made by this declaration: what there is, is taken for what it says. */
  public Applied withSpec(VmSpec as) {
    return new Applied(
        generation,
        as,
        diskId,
        imageDigest,
        facts,
        startedAt,
        running,
        ready,
        revision,
        refused,
        saved);
  }

  public Applied withFacts(@Nullable LaunchFacts resolved) {
    return new Applied(
        generation,
        spec,
        diskId,
        imageDigest,
        resolved,
        startedAt,
        running,
        ready,
        revision,
        refused,
        saved);
  }

  public Applied started(LaunchFacts found, Instant at) {
    return new Applied(
        generation, spec, diskId, imageDigest, found, at, true, null, revision, List.of(), null);
  }

  /** The process is gone: whoever started it, the next is ours. */
  public Applied ended() {
    return new Applied(
        generation,
        spec,
        diskId,
        imageDigest,
        facts == null ? null : facts.asOwn(),
        startedAt,
        false,
        null,
        revision,
        refused,
        saved);
  }

  public Applied withReady(String incarnation) {
    return new Applied(
        generation,
        spec,
        diskId,
        imageDigest,
        facts,
        startedAt,
        running,
        incarnation,
        revision,
        refused,
        saved);
  }

  /** The guest that runs has these directories. */
  public Applied sharing(List<ShareFacts> shares) {
    return facts == null ? this : withFacts(facts.sharing(shares));
  }

  /** The guest that runs was changed to this, but for what it refused. */
  public Applied adjusted(VmSpec made, LaunchFacts found, List<String> fields) {
    List<String> all = new ArrayList<>(refused);
    all.addAll(fields);
    return new Applied(
        generation,
        made,
        diskId,
        imageDigest,
        found,
        startedAt,
        running,
        ready,
        revision,
        all,
        saved);
  }

  /** Its memory is within its disks, or is not any more. */
  public Applied withSaved(@Nullable Saved memory) {
    return new Applied(
        generation,
        spec,
        diskId,
        imageDigest,
        facts,
        startedAt,
        running,
        ready,
        revision,
        refused,
        memory);
  }

  /** It is what it was then, and goes on from the memory of then. */
  public Applied asThen(KeptSnapshot then, VmSpec declaredThen) {
    return new Applied(
        then.generation(),
        declaredThen,
        diskId,
        imageDigest,
        then.facts() == null ? facts : then.facts(),
        startedAt,
        false,
        null,
        revision,
        List.of(),
        Saved.of(then));
  }

  /** Whether the guest that runs was seen ready. */
  public boolean isReady() {
    return running && facts != null && facts.incarnation().equals(ready);
  }
}
