package dev.vmctl.host;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/** The calls about how a file lies on its file system; answers are as in {@link LinuxCalls}. */
final class LinuxFileCalls {
  static final int ENXIO = 6;
  static final int ENOSPC = 28;
  static final int EDQUOT = 122;

  private static final int SEEK_DATA = 3;
  private static final int SEEK_HOLE = 4;

  /** {@code _IOW(0x94, 9, int)}. */
  private static final long FICLONE = 0x40049409L;

  private static final MethodHandle OPEN =
      LinuxCalls.link(
          "open",
          FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT),
          Linker.Option.firstVariadicArg(2));
  private static final MethodHandle SEEK =
      LinuxCalls.link("lseek", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT));
  private static final MethodHandle IOCTL =
      LinuxCalls.link(
          "ioctl",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT),
          Linker.Option.firstVariadicArg(2));

  private LinuxFileCalls() {}

  static int openReadOnly(Path path) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(LinuxCalls.CALL_STATE);
      MemorySegment name = arena.allocateFrom(path.toString());
      return LinuxCalls.answer((int) OPEN.invokeExact(state, name, LinuxCalls.O_CLOEXEC), state);
    } catch (Throwable e) {
      throw LinuxCalls.impossible(e);
    }
  }

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
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(LinuxCalls.CALL_STATE);
      return LinuxCalls.answer((int) IOCTL.invokeExact(state, target, FICLONE, source), state);
    } catch (Throwable e) {
      throw LinuxCalls.impossible(e);
    }
  }

  private static long seek(int descriptor, long offset, int whence) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(LinuxCalls.CALL_STATE);
      long result = (long) SEEK.invokeExact(state, descriptor, offset, whence);
      return result >= 0 ? result : -LinuxCalls.errno(state);
    } catch (Throwable e) {
      throw LinuxCalls.impossible(e);
    }
  }
}
