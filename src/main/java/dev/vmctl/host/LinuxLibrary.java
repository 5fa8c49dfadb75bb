package dev.vmctl.host;

import com.sun.jna.LastErrorException;
import com.sun.jna.Memory;

/** As {@link CLibrary}: functions that we call on Linux only, or that are so only there. */
final class LinuxLibrary {
  private static final NativeBinding BINDING = NativeBinding.of(LinuxLibrary.class);

  private LinuxLibrary() {}

  /** To be called before any function; see {@link NativeBinding#require}. */
  static void require() {
    BINDING.require();
  }

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
