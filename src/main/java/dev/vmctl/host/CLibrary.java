package dev.vmctl.host;

import com.sun.jna.LastErrorException;

/**
 * The functions of the C library that we call on every system, bound by JNA when the first of them
 * is needed: a command that only talks to a daemon never loads JNA.
 *
 * <p>A failure comes as {@link LastErrorException}, made inside the native call: {@code errno} is
 * the carrier's, and what reads it later could be on another one. Each function here leaves {@code
 * errno} alone when it succeeds, which that way of asking needs.
 *
 * <p>Variadic functions are declared with the arguments we pass: on these systems both are called
 * alike. Lengths and offsets are {@code long}: the JDK runs on their 64-bit kinds only.
 */
final class CLibrary {
  private static final NativeBinding BINDING = NativeBinding.of(CLibrary.class);

  private CLibrary() {}

  /** To be called before any function; see {@link NativeBinding#require}. */
  static void require() {
    BINDING.require();
  }

  static native int open(String path, int flags, int mode) throws LastErrorException;

  static native int close(int descriptor) throws LastErrorException;

  static native int flock(int descriptor, int operation) throws LastErrorException;

  static native long lseek(int descriptor, long offset, int whence) throws LastErrorException;
}
