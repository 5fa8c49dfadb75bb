package dev.vmctl.store;

import dev.vmctl.model.LaunchFacts;
import dev.vmctl.model.VmSpec;
import dev.vmctl.model.Withheld;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A moment of a VM that is kept within its disks. It belongs to its root disk: it goes with that to
 * the trash, and comes back with it.
 *
 * @param diskId the root disk that has it
 * @param generation that was applied
 * @param spec what was declared then, without its secrets
 * @param dataDisks names of the other disks that have it
 * @param memoryBytes size of the guest's memory that is kept with it; 0 for none
 * @param automatic whether it was made because something was to take the present's place
 * @param facts what the guest ran with; null when it did not run
 * @param provision how the steps had ended; null when they had not
 */
public record KeptSnapshot(
    String name,
    Instant at,
    UUID diskId,
    long generation,
    VmSpec spec,
    List<String> dataDisks,
    long memoryBytes,
    boolean automatic,
    @Nullable LaunchFacts facts,
    @Nullable Provisioned provision) {
  /** Never a number alone: QEMU's tools take that for an id. */
  private static final String PREFIX = "vmctl-";

  public KeptSnapshot {
    Objects.requireNonNull(name);
    Objects.requireNonNull(at);
    Objects.requireNonNull(diskId);
    Objects.requireNonNull(spec);
    dataDisks = List.copyOf(dataDisks);
  }

  /** What a record's disks have now, under this name. */
  public static KeptSnapshot of(
      VmRecord record, String name, Instant at, long memoryBytes, boolean automatic) {
    Applied applied = Objects.requireNonNull(record.applied());
    return new KeptSnapshot(
        name,
        at,
        applied.diskId(),
        applied.generation(),
        Withheld.from(applied.spec()),
        applied.spec().disks().stream().map(disk -> disk.name()).toList(),
        memoryBytes,
        automatic,
        applied.facts(),
        record.provision());
  }

  /** The name within the disks of the snapshot of this name. */
  public static String tag(String name) {
    return PREFIX + name;
  }

  public String tag() {
    return tag(name);
  }

  public boolean hasMemory() {
    return memoryBytes > 0;
  }
}
