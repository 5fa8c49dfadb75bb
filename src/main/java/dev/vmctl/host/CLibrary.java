package dev.vmctl.host;

import com.sun.jna.LastErrorException;
import com.sun.jna.Library;
import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The functions of the C library we call, bound by JNA when the first of them is needed: a command
 * that only talks to a daemon never loads JNA.
 *
 * <p>A failure comes as {@link LastErrorException}, made inside the native call: {@code errno} is
 * the carrier's, and what reads it later could be on another one. Each function here leaves {@code
 * errno} alone when it succeeds, which that way of asking needs.
 *
 * <p>Variadic functions are declared with the arguments we pass: on Linux both are called alike.
 * Lengths and offsets are {@code long}: the JDK runs on 64-bit Linux only.
 */
final class CLibrary {
  private static final @Nullable VmException FAILURE = bind();

  private CLibrary() {}

  /**
   * To be called before any function.
   *
   * @throws VmException IO when JNA cannot be loaded here
   */
  static void require() {
    if (FAILURE != null) {
      throw new VmException(FAILURE.code(), FAILURE.getMessage(), FAILURE.help(), FAILURE);
    }
  }

  private static @Nullable VmException bind() {
    JnaHome home = JnaHome.ofThisProcess();
    try {
      home.settle();
      Map<String, String> options = Map.of(Library.OPTION_STRING_ENCODING, "UTF-8");
      // What the JVM itself is linked with: no search for a library file, and right on musl too.
      Native.register(CLibrary.class, NativeLibrary.getInstance(null, options));
      return null;
    } catch (LinkageError e) {
      return new VmException(
          ErrorCode.IO,
          "cannot load the native part of JNA: " + e.getMessage() + home.trouble(),
          home.help(),
          e);
    }
  }

  static native int open(String path, int flags, int mode) throws LastErrorException;

  static native int close(int descriptor) throws LastErrorException;

  static native int flock(int descriptor, int operation) throws LastErrorException;

  static native long lseek(int descriptor, long offset, int whence) throws LastErrorException;

  static native int ioctl(int descriptor, long request, int argument) throws LastErrorException;

  static native int ioctl(int descriptor, long request, Memory argument) throws LastErrorException;

  static native int socket(int domain, int type, int protocol) throws LastErrorException;

  static native int connect(int descriptor, Memory address, int length) throws LastErrorException;

  static native int getsockopt(int descriptor, int level, int name, Memory value, Memory length)
      throws LastErrorException;

  static native long sendto(
      int descriptor, Memory message, long length, int flags, Memory address, int addressLength)
      throws LastErrorException;

  static native int fallocate(int descriptor, int mode, long offset, long length)
      throws LastErrorException;

  static native int poll(Memory entries, long count, int milliseconds) throws LastErrorException;

  static native long syscall(long number, long first, long second, long third, long fourth)
      throws LastErrorException;
}
