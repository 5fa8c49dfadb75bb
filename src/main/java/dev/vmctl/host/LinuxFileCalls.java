package dev.vmctl.host;

import com.sun.jna.LastErrorException;

/** The calls about how a file lies on its file system; answers are as in {@link LinuxCalls}. */
final class LinuxFileCalls {
  static final int ENXIO = 6;
  static final int ENOSPC = 28;
  static final int EOPNOTSUPP = 95;
  static final int EDQUOT = 122;

  private static final int SEEK_DATA = 3;
  private static final int SEEK_HOLE = 4;

  /** {@code _IOW(0x94, 9, int)}. */
  private static final long FICLONE = 0x40049409L;

  private static final int FALLOC_FL_KEEP_SIZE = 1;
  private static final int FALLOC_FL_PUNCH_HOLE = 2;

  private LinuxFileCalls() {}

  /** Where data begins at or after an offset, or {@code -ENXIO}. */
  static long seekData(int descriptor, long offset) {
    return seek(descriptor, offset, SEEK_DATA);
  }

  /** Where the next hole, or else the end of the file, begins at or after an offset. */
  static long seekHole(int descriptor, long offset) {
    return seek(descriptor, offset, SEEK_HOLE);
  }

  /** Lets one file share all blocks of another, until either is written to. */
  static int cloneInto(int source, int target) {
    CLibrary.require();
    try {
      return CLibrary.ioctl(target, FICLONE, source);
    } catch (LastErrorException e) {
      return -e.getErrorCode();
    }
  }

  /** Makes a hole of what the first bytes of a file held, or {@code -EOPNOTSUPP}. */
  static int punchHole(int descriptor, long length) {
    CLibrary.require();
    try {
      return CLibrary.fallocate(descriptor, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, length);
    } catch (LastErrorException e) {
      return -e.getErrorCode();
    }
  }

  private static long seek(int descriptor, long offset, int whence) {
    CLibrary.require();
    try {
      return CLibrary.lseek(descriptor, offset, whence);
    } catch (LastErrorException e) {
      return -e.getErrorCode();
    }
  }
}
