package dev.vmctl.host;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.file.Path;

/**
 * The system calls the JDK has no door for. Each answers a non-negative result, or the negated
 * {@code errno}, as the kernel itself does.
 *
 * <p>A call into native code pins a virtual thread to its carrier, so {@link #poll} belongs on a
 * platform thread; the others return at once.
 */
final class LinuxCalls {
  static final int ENOENT = 2;
  static final int ESRCH = 3;
  static final int EINTR = 4;
  static final int EAGAIN = 11;
  static final int LOCK_SHARED = 1;
  static final int LOCK_EXCLUSIVE = 2;
  private static final int LOCK_NONBLOCKING = 4;

  // Numbers above 423 are the same on every architecture.
  private static final long PIDFD_SEND_SIGNAL = 424;
  private static final long PIDFD_OPEN = 434;

  private static final int O_RDWR = 2;
  private static final int O_CREAT = 0x40;
  static final int O_CLOEXEC = 0x80000;
  private static final int OWNER_READ_WRITE = 0600;
  private static final short POLLIN = 1;

  private static final Linker LINKER = Linker.nativeLinker();
  static final StructLayout CALL_STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      CALL_STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

  /** Linked on first use, each group apart: taking a lock shall not pay for what a kill needs. */
  private static final class ProcessCalls {
    static final MethodHandle SYSCALL =
        link(
            "syscall",
            FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
            Linker.Option.firstVariadicArg(1));
    static final MethodHandle POLL =
        link("poll", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
  }

  private static final class FileCalls {
    static final MethodHandle OPEN =
        link(
            "open",
            FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT),
            Linker.Option.firstVariadicArg(2));
    static final MethodHandle FLOCK =
        link("flock", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
    static final MethodHandle CLOSE = link("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
  }

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
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(CALL_STATE);
      MemorySegment entry = arena.allocate(8, 4);
      entry.set(JAVA_INT, 0, descriptor);
      entry.set(JAVA_SHORT, 4, POLLIN);
      return answer((int) ProcessCalls.POLL.invokeExact(state, entry, 1L, milliseconds), state);
    } catch (Throwable e) {
      throw impossible(e);
    }
  }

  /** Opens a file for reading and writing, made for its owner alone when it is not there. */
  static int openOrCreate(Path path) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(CALL_STATE);
      MemorySegment name = arena.allocateFrom(path.toString());
      int flags = O_RDWR | O_CREAT | O_CLOEXEC;
      return answer((int) FileCalls.OPEN.invokeExact(state, name, flags, OWNER_READ_WRITE), state);
    } catch (Throwable e) {
      throw impossible(e);
    }
  }

  /** Takes a lock that belongs to the open descriptor, or answers {@code -EAGAIN}. */
  static int tryLock(int descriptor, int kind) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(CALL_STATE);
      int operation = kind | LOCK_NONBLOCKING;
      return answer((int) FileCalls.FLOCK.invokeExact(state, descriptor, operation), state);
    } catch (Throwable e) {
      throw impossible(e);
    }
  }

  static int close(int descriptor) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(CALL_STATE);
      return answer((int) FileCalls.CLOSE.invokeExact(state, descriptor), state);
    } catch (Throwable e) {
      throw impossible(e);
    }
  }

  private static long syscall(long number, long first, long second, long third, long fourth) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(CALL_STATE);
      long result =
          (long) ProcessCalls.SYSCALL.invokeExact(state, number, first, second, third, fourth);
      return result >= 0 ? result : -errno(state);
    } catch (Throwable e) {
      throw impossible(e);
    }
  }

  static int answer(int result, MemorySegment state) {
    return result >= 0 ? result : -errno(state);
  }

  static int errno(MemorySegment state) {
    return (int) ERRNO.get(state, 0L);
  }

  static MethodHandle link(
      String function, FunctionDescriptor descriptor, Linker.Option... options) {
    Linker.Option[] all = new Linker.Option[options.length + 1];
    all[0] = Linker.Option.captureCallState("errno");
    System.arraycopy(options, 0, all, 1, options.length);
    MemorySegment address = LINKER.defaultLookup().findOrThrow(function);
    return LINKER.downcallHandle(address, descriptor, all);
  }

  static IllegalStateException impossible(Throwable e) {
    return new IllegalStateException("a native call failed in the JVM, not in the kernel", e);
  }
}
