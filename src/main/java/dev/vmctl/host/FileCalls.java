package dev.vmctl.host;

import com.sun.jna.LastErrorException;
import java.nio.file.Path;

/**
 * The system calls about files the JDK has no door for, on every system. Each answers a
 * non-negative result, or the negated {@code errno}, as the kernel itself does.
 */
final class FileCalls {
  static final int EINTR = 4;
  static final int ENXIO = 6;
  static final int EACCES = 13;
  static final int EINVAL = 22;
  static final int EMFILE = 24;
  static final int ENOSPC = 28;
  static final int EROFS = 30;
  static final int LOCK_SHARED = 1;
  static final int LOCK_EXCLUSIVE = 2;

  private static final Numbers NUMBERS = Numbers.of(OperatingSystem.current());

  /** The call would have had to wait. */
  static final int EAGAIN = NUMBERS.wouldBlock;

  private static final int LOCK_NONBLOCKING = 4;
  private static final int O_RDWR = 2;
  private static final int OWNER_READ_WRITE = 0600;
  private static final int SEEK_DATA = 3;
  private static final int SEEK_HOLE = 4;

  /** What the systems do not agree upon; the rest was settled in the days of one Unix. */
  private record Numbers(int create, int closeOnExec, int wouldBlock) {
    static Numbers of(OperatingSystem system) {
      return switch (system) {
        case LINUX -> new Numbers(0x40, 0x80000, 11);
        case FREEBSD -> new Numbers(0x200, 0x100000, 35);
        case ILLUMOS -> new Numbers(0x100, 0x800000, 11);
      };
    }
  }

  private FileCalls() {}

  /** Opens a file for reading and writing, made for its owner alone when it is not there. */
  static int openOrCreate(Path path) {
    return open(path, O_RDWR | NUMBERS.create);
  }

  static int openReadOnly(Path path) {
    return open(path, 0);
  }

  static int openReadWrite(Path path) {
    return open(path, O_RDWR);
  }

  private static int open(Path path, int flags) {
    CLibrary.require();
    try {
      return CLibrary.open(path.toString(), flags | NUMBERS.closeOnExec, OWNER_READ_WRITE);
    } catch (LastErrorException e) {
      return -e.getErrorCode();
    }
  }

  /** Takes a lock that belongs to the open descriptor, or answers {@code -EAGAIN}. */
  static int tryLock(int descriptor, int kind) {
    CLibrary.require();
    try {
      return CLibrary.flock(descriptor, kind | LOCK_NONBLOCKING);
    } catch (LastErrorException e) {
      return -e.getErrorCode();
    }
  }

  static int close(int descriptor) {
    CLibrary.require();
    try {
      return CLibrary.close(descriptor);
    } catch (LastErrorException e) {
      return -e.getErrorCode();
    }
  }

  /**
   * Where data begins at or after an offset, or {@code -ENXIO}; {@code -EINVAL} where the file
   * system does not tell (Linux then takes all for data by itself).
   */
  static long seekData(int descriptor, long offset) {
    return seek(descriptor, offset, SEEK_DATA);
  }

  /** Where the next hole, or else the end of the file, begins at or after an offset. */
  static long seekHole(int descriptor, long offset) {
    return seek(descriptor, offset, SEEK_HOLE);
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
