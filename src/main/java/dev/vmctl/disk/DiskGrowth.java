package dev.vmctl.disk;

import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.nio.file.Path;
import java.time.Duration;

/** Makes existing disks larger. */
final class DiskGrowth {
  private static final Duration DEADLINE = Duration.ofSeconds(60);

  private final QemuImg images;

  DiskGrowth(QemuImg images) {
    this.images = images;
  }

  /**
   * @param current size of the disk now, bytes
   * @param wanted bytes, a multiple of a sector; nothing happens when it is that already
   */
  void grow(Path disk, long current, long wanted) {
    if (wanted < current) {
      throw shrinking(disk, current, wanted);
    }
    if (wanted > current) {
      images.run(
          "make the disk " + disk + " " + wanted + " bytes large",
          DEADLINE,
          "resize",
          "-q",
          "-f",
          "qcow2",
          disk.toAbsolutePath().toString(),
          Long.toString(wanted));
    }
  }

  static VmException shrinking(Path disk, long current, long wanted) {
    return new VmException(
        ErrorCode.DISK_SHRINK,
        "the disk " + disk + " has " + current + " bytes and is not shrunk to " + wanted,
        "declare its size as it is, or a larger one; a smaller disk needs a new VM");
  }
}
