package dev.vmctl.host;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Native methods of a class and the functions of the C library they stand for, bound all at once: a
 * class has only functions that are on every system it is used on.
 *
 * @param failure why they cannot be called here; null when they can
 */
record NativeBinding(@Nullable VmException failure) {

  static NativeBinding of(Class<?> functions) {
    JnaHome home = JnaHome.ofThisProcess();
    try {
      home.settle();
      Map<String, String> options = Map.of(Library.OPTION_STRING_ENCODING, "UTF-8");
      // What the JVM itself is linked with: no search for a library file, and right on musl too.
      Native.register(functions, NativeLibrary.getInstance(null, options));
      return new NativeBinding(null);
    } catch (LinkageError e) {
      return new NativeBinding(
          new VmException(
              ErrorCode.IO,
              "cannot load the native part of JNA: " + e.getMessage() + home.trouble(),
              home.help(),
              e));
    }
  }

  /**
   * To be called before any function.
   *
   * @throws VmException IO when JNA cannot be loaded here
   */
  void require() {
    if (failure != null) {
      throw new VmException(failure.code(), failure.getMessage(), failure.help(), failure);
    }
  }
}
