package dev.vmctl.disk;

import dev.vmctl.model.VmName;
import java.time.Instant;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Something in the trash.
 *
 * @param id its name in the trash directory, and for commands
 * @param diskId which disk; {@link #UNKNOWN_DISK} when the entry cannot be read
 * @param wholeVm whether it is a VM's directory or only a disk
 * @param dataDisk name of the data disk; null when it is a whole VM or its root disk
 * @param reason why it is here: Destroyed, Removed, Replaced, Reloaded; {@link #UNREADABLE}
 * @param sizeBytes about the space it takes on the host
 */
public record TrashEntry(
    String id,
    VmName vm,
    UUID diskId,
    boolean wholeVm,
    @Nullable String dataDisk,
    Instant trashedAt,
    String reason,
    long sizeBytes) {

  /** Reason of an entry whose description is missing or damaged; its other values are guesses. */
  public static final String UNREADABLE = "Unreadable";

  /** Stands for the disk of an entry that cannot be read. */
  public static final UUID UNKNOWN_DISK = new UUID(0, 0);

  public TrashEntry {
    Objects.requireNonNull(id);
    Objects.requireNonNull(vm);
    Objects.requireNonNull(diskId);
    Objects.requireNonNull(trashedAt);
    Objects.requireNonNull(reason);
  }

  /** Whether what is known of it is certain. Only such entries are restored or expire. */
  public boolean isReadable() {
    return !reason.equals(UNREADABLE);
  }
}
