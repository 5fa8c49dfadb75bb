package dev.vmctl.api;

import java.time.Instant;

/**
 * A snapshot of a VM's present disks; the component names are the stable JSON fields.
 *
 * @param generation of the declaration that was applied then
 * @param memoryBytes size of the guest's memory that is kept with it; 0 for none
 * @param automatic whether it was made because a restore was to take the present's place
 */
public record SnapshotView(
    String name, Instant at, long generation, long memoryBytes, boolean automatic) {}
