package dev.vmctl.daemon;

import java.lang.reflect.Proxy;
import java.util.List;

/**
 * The signals that ask a process to end. Left to itself the JVM then exits with 143 or 130, which
 * supervisors take for a failure.
 *
 * <p>The JDK's only way to hear of them is {@code sun.misc.Signal}. It is called by its name, for
 * javac warns of it in a way that no option turns off, and a build with a warning fails.
 */
final class ExitSignals {
  private static final List<String> NAMES = List.of("TERM", "INT");

  private ExitSignals() {}

  /** Does this instead of ending the JVM. */
  static void handle(Runnable exit) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object ours =
          Proxy.newProxyInstance(
              ExitSignals.class.getClassLoader(),
              new Class<?>[] {handler},
              (proxy, method, arguments) -> {
                exit.run();
                return null;
              });
      for (String name : NAMES) {
        Object asked = signal.getConstructor(String.class).newInstance(name);
        signal.getMethod("handle", signal, handler).invoke(null, asked, ours);
      }
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("this JDK does not let us hear of signals", e);
    }
  }
}
