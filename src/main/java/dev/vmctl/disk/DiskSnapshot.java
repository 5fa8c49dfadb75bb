package dev.vmctl.disk;

import java.util.Objects;

/**
 * A moment that a disk keeps within itself.
 *
 * @param tag its name there
 * @param memoryBytes size of the guest's memory that is kept with it; 0 for none
 * @param virtualSize size of the disk then, bytes
 */
public record DiskSnapshot(String tag, long memoryBytes, long virtualSize) {
  public DiskSnapshot {
    Objects.requireNonNull(tag);
  }
}
