package dev.vmctl.host;

import com.sun.jna.LastErrorException;
import com.sun.jna.Memory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * The system calls the JDK has no door for. Each answers a non-negative result, or the negated
 * {@code errno}, as the kernel itself does.
 *
 * <p>A call into native code pins a virtual thread to its carrier, so {@link #poll} belongs on a
 * platform thread; the others return at once.
 */
final class LinuxCalls {
  static final int EPERM = 1;
  static final int ENOENT = 2;
  static final int ESRCH = 3;
  static final int EINTR = 4;
  static final int EAGAIN = 11;
  static final int EACCES = 13;
  static final int EBUSY = 16;
  static final int EEXIST = 17;
  static final int ENODEV = 19;
  static final int EMFILE = 24;
  static final int ENOSPC = 28;
  static final int EROFS = 30;
  static final int ENAMETOOLONG = 36;
  static final int LOCK_SHARED = 1;
  static final int LOCK_EXCLUSIVE = 2;
  private static final int LOCK_NONBLOCKING = 4;

  // Numbers above 423 are the same on every architecture.
  private static final long PIDFD_SEND_SIGNAL = 424;
  private static final long PIDFD_OPEN = 434;

  private static final int O_RDWR = 2;
  private static final int O_CREAT = 0x40;
  private static final int O_CLOEXEC = 0x80000;
  private static final int OWNER_READ_WRITE = 0600;
  private static final int AF_UNIX = 1;
  private static final int SOCK_STREAM = 1;
  private static final int SOCK_NONBLOCK = 0x800;
  private static final int SOCK_CLOEXEC = 0x80000;
  private static final int SOL_SOCKET = 1;
  private static final int SO_PEERCRED = 17;
  private static final int ADDRESS_BYTES = 110;
  private static final int CREDENTIALS_BYTES = 12;
  private static final short POLLIN = 1;
  private static final int POLL_ENTRY_BYTES = 8;

  private LinuxCalls() {}

  /** A descriptor of the process with this number. */
  static int pidfdOpen(long pid) {
    return (int) syscall(PIDFD_OPEN, pid, 0, 0, 0);
  }

  /** Signals the process behind a descriptor, never another that got its number later. */
  static int pidfdSendSignal(int pidfd, int signal) {
    return (int) syscall(PIDFD_SEND_SIGNAL, pidfd, signal, 0, 0);
  }

  /** Blocks until the descriptor is readable (1) or the time is over (0). */
  static int poll(int descriptor, int milliseconds) {
    CLibrary.require();
    // struct pollfd; outside the heap, because the kernel writes to it during the whole wait.
    try (Memory entry = new Memory(POLL_ENTRY_BYTES)) {
      entry.setInt(0, descriptor);
      entry.setShort(4, POLLIN);
      entry.setShort(6, (short) 0);
      return CLibrary.poll(entry, 1, milliseconds);
    } catch (LastErrorException e) {
      return -e.getErrorCode();
    }
  }

  /** Opens a file for reading and writing, made for its owner alone when it is not there. */
  static int openOrCreate(Path path) {
    return open(path, O_RDWR | O_CREAT);
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
      return CLibrary.open(path.toString(), flags | O_CLOEXEC, OWNER_READ_WRITE);
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
   * The number of the process that listens on a unix socket, by the kernel's own word. Connects for
   * a moment, and never waits: {@code -EAGAIN} when there are too many who do.
   */
  static int listener(Path socket) {
    CLibrary.require();
    byte[] path = socket.toString().getBytes(StandardCharsets.UTF_8);
    if (path.length + Short.BYTES >= ADDRESS_BYTES) {
      return -ENAMETOOLONG;
    }
    int descriptor = -1;
    try (Memory address = new Memory(ADDRESS_BYTES);
        Memory credentials = new Memory(CREDENTIALS_BYTES);
        Memory length = new Memory(Integer.BYTES)) {
      descriptor = CLibrary.socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
      address.clear();
      address.setShort(0, (short) AF_UNIX);
      address.write(Short.BYTES, path, 0, path.length);
      CLibrary.connect(descriptor, address, ADDRESS_BYTES);
      length.setInt(0, CREDENTIALS_BYTES);
      CLibrary.getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, credentials, length);
      return credentials.getInt(0);
    } catch (LastErrorException e) {
      return -e.getErrorCode();
    } finally {
      if (descriptor >= 0) {
        close(descriptor);
      }
    }
  }

  private static long syscall(long number, long first, long second, long third, long fourth) {
    CLibrary.require();
    try {
      return CLibrary.syscall(number, first, second, third, fourth);
    } catch (LastErrorException e) {
      return -e.getErrorCode();
    }
  }
}
