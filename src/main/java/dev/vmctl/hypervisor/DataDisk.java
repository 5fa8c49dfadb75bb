package dev.vmctl.hypervisor;

import java.nio.file.Path;
import java.util.Objects;

/**
 * A disk beside the root disk.
 *
 * @param name what the guest sees as its serial number
 * @param file qcow2
 */
public record DataDisk(String name, Path file) {
  public DataDisk {
    Objects.requireNonNull(name);
    Objects.requireNonNull(file);
  }
}
