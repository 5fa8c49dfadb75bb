package dev.vmctl.disk;

import dev.vmctl.model.VmName;
import java.time.Instant;
import java.util.UUID;

/**
 * Something in the trash.
 *
 * @param id its name in the trash directory, and for commands
 * @param wholeVm whether it is a VM's directory or only a disk
 * @param reason why it is here: Destroyed, Removed, Replaced, Reloaded
 * @param sizeBytes space it takes on the host
 */
public record TrashEntry(
    String id,
    VmName vm,
    UUID diskId,
    boolean wholeVm,
    Instant trashedAt,
    String reason,
    long sizeBytes) {}
