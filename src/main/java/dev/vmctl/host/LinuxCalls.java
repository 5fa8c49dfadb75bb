package dev.vmctl.host;

import com.sun.jna.LastErrorException;
import com.sun.jna.Memory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * The system calls of Linux the JDK has no door for. Each answers a non-negative result, or the
 * negated {@code errno}, as the kernel itself does.
 *
 * <p>A call into native code pins a virtual thread to its carrier, so {@link #poll} belongs on a
 * platform thread; the others return at once.
 */
final class LinuxCalls {
  static final int EPERM = 1;
  static final int ENOENT = 2;
  static final int ESRCH = 3;
  static final int EACCES = 13;
  static final int EBUSY = 16;
  static final int EEXIST = 17;
  static final int ENODEV = 19;
  static final int ENAMETOOLONG = 36;

  // Numbers above 423 are the same on every architecture.
  private static final long PIDFD_SEND_SIGNAL = 424;
  private static final long PIDFD_OPEN = 434;

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
    LinuxLibrary.require();
    // struct pollfd; outside the heap, because the kernel writes to it during the whole wait.
    try (Memory entry = new Memory(POLL_ENTRY_BYTES)) {
      entry.setInt(0, descriptor);
      entry.setShort(4, POLLIN);
      entry.setShort(6, (short) 0);
      return LinuxLibrary.poll(entry, 1, milliseconds);
    } catch (LastErrorException e) {
      return -e.getErrorCode();
    }
  }

  /**
   * The number of the process that listens on a unix socket, by the kernel's own word. Connects for
   * a moment, and never waits: a negated EAGAIN when there are too many who do.
   */
  static int listener(Path socket) {
    LinuxLibrary.require();
    byte[] path = socket.toString().getBytes(StandardCharsets.UTF_8);
    if (path.length + Short.BYTES >= ADDRESS_BYTES) {
      return -ENAMETOOLONG;
    }
    int descriptor = -1;
    try (Memory address = new Memory(ADDRESS_BYTES);
        Memory credentials = new Memory(CREDENTIALS_BYTES);
        Memory length = new Memory(Integer.BYTES)) {
      descriptor = LinuxLibrary.socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
      address.clear();
      address.setShort(0, (short) AF_UNIX);
      address.write(Short.BYTES, path, 0, path.length);
      LinuxLibrary.connect(descriptor, address, ADDRESS_BYTES);
      length.setInt(0, CREDENTIALS_BYTES);
      LinuxLibrary.getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, credentials, length);
      return credentials.getInt(0);
    } catch (LastErrorException e) {
      return -e.getErrorCode();
    } finally {
      if (descriptor >= 0) {
        FileCalls.close(descriptor);
      }
    }
  }

  private static long syscall(long number, long first, long second, long third, long fourth) {
    LinuxLibrary.require();
    try {
      return LinuxLibrary.syscall(number, first, second, third, fourth);
    } catch (LastErrorException e) {
      return -e.getErrorCode();
    }
  }
}
