package dev.vmctl.network;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.jna.LastErrorException;
import com.sun.jna.Library;
import com.sun.jna.Native;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Runs a test in a network namespace of its own: that of one thread, and of the programs it starts.
 * The kernel removes it with all its devices when the thread ends.
 */
final class NetworkNamespace {
  private static final int CLONE_NEWNET = 0x40000000;

  private NetworkNamespace() {}

  /** What we need of the C library. */
  interface Namespaces extends Library {
    int unshare(int flags) throws LastErrorException;
  }

  static <T> T in(Callable<T> task) throws Exception {
    assumeTrue(
        "root".equals(System.getProperty("user.name")),
        "network namespaces need root: run the tests as root to have this one");
    assumeTrue(Files.exists(Path.of("/dev/net/tun")), "there is no /dev/net/tun here");
    FutureTask<T> future =
        new FutureTask<>(
            () -> {
              Native.load("c", Namespaces.class).unshare(CLONE_NEWNET);
              return task.call();
            });
    Thread.ofPlatform().name("namespace").start(future);
    try {
      return future.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Exception cause) {
        throw cause;
      }
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw e;
    }
  }

  /** What a program says there. */
  static String run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int exit = process.waitFor();
    if (exit != 0) {
      throw new IOException(String.join(" ", command) + " ended with " + exit + ": " + said);
    }
    return said;
  }
}
