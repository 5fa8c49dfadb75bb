package dev.vmctl.cli;

import dev.vmctl.api.SshAccess;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Waits for a guest's SSH server to speak. That something accepts proves nothing: with user
 * networking the host's port does so before the guest listens.
 */
final class SshBanner {
  private static final int CONNECT_MILLIS = 1000;
  private static final int READ_MILLIS = 2000;
  private static final Duration PAUSE = Duration.ofMillis(100);
  private static final String GREETING = "SSH-";

  private final LongSupplier nanoTime;

  SshBanner(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /**
   * @throws VmException SSH_TIMEOUT when it does not speak within {@code timeout}
   */
  void await(SshAccess access, Duration timeout) {
    long deadline = nanoTime.getAsLong() + timeout.toNanos();
    while (!speaks(access)) {
      if (nanoTime.getAsLong() >= deadline) {
        throw new VmException(
            ErrorCode.SSH_TIMEOUT,
            "no SSH server answered on "
                + access.host()
                + ":"
                + access.port()
                + " within "
                + DurationText.of(timeout),
            "it may still boot: see 'vmctl log --console'");
      }
      pause();
    }
  }

  private static boolean speaks(SshAccess access) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(access.host(), access.port()), CONNECT_MILLIS);
      socket.setSoTimeout(READ_MILLIS);
      byte[] start = socket.getInputStream().readNBytes(GREETING.length());
      return new String(start, StandardCharsets.US_ASCII).equals(GREETING);
    } catch (IOException notYet) {
      return false;
    }
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE);
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
      throw new VmException(ErrorCode.SSH_TIMEOUT, "interrupted", "", stop);
    }
  }
}
