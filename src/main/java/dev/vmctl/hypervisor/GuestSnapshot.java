package dev.vmctl.hypervisor;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * A moment of a VM within its disks.
 *
 * @param tag its name there
 * @param disks the root disk first; none for a backend that has no disks
 * @param memory whether the guest's memory is part of it; it is with the root disk
 */
public record GuestSnapshot(String tag, List<Path> disks, boolean memory) {
  public GuestSnapshot {
    Objects.requireNonNull(tag);
    disks = List.copyOf(disks);
  }
}
