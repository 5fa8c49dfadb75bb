package dev.vmctl.host;

import com.sun.jna.LastErrorException;

/**
 * What Linux alone can do with how a file lies on its file system; answers are as in {@link
 * FileCalls}, elsewhere {@code -EOPNOTSUPP}.
 */
final class LinuxFileCalls {
  static final int EOPNOTSUPP = 95;
  static final int EDQUOT = 122;

  /** {@code _IOW(0x94, 9, int)}. */
  private static final long FICLONE = 0x40049409L;

  private static final int FALLOC_FL_KEEP_SIZE = 1;
  private static final int FALLOC_FL_PUNCH_HOLE = 2;

  private LinuxFileCalls() {}

  /** Lets one file share all blocks of another, until either is written to. */
  static int cloneInto(int source, int target) {
    return onLinux(() -> LinuxLibrary.ioctl(target, FICLONE, source));
  }

  /** Makes a hole of what the first bytes of a file held. */
  static int punchHole(int descriptor, long length) {
    int how = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;
    return onLinux(() -> LinuxLibrary.fallocate(descriptor, how, 0, length));
  }

  private interface Call {
    int make() throws LastErrorException;
  }

  private static int onLinux(Call call) {
    if (OperatingSystem.current() != OperatingSystem.LINUX) {
      return -EOPNOTSUPP;
    }
    LinuxLibrary.require();
    try {
      return call.make();
    } catch (LastErrorException e) {
      return -e.getErrorCode();
    }
  }
}
