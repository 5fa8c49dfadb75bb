package dev.vmctl.image;

import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.nio.file.Path;

/** What to say when an image does not fit, told before the disk is full. */
final class DiskSpace {
  private DiskSpace() {}

  static VmException missing(String source, long neededBytes, long freeBytes, Path part) {
    return new VmException(
        ErrorCode.DISK_FULL,
        "no space for the image "
            + source
            + ": it takes "
            + amount(neededBytes)
            + ", "
            + amount(freeBytes)
            + " are free",
        "free some space on the file system of " + part.getParent() + " and try again");
  }

  /** Rounded up; small ones in kB, so that too little never looks like enough. */
  private static String amount(long bytes) {
    return bytes < 10_000_000
        ? (bytes + 999) / 1000 + " kB"
        : (bytes + 999_999) / 1_000_000 + " MB";
  }
}
