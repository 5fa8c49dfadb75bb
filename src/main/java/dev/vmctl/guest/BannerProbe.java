package dev.vmctl.guest;

import dev.vmctl.host.Log;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.BiConsumer;

/** One connection that waits for an SSH server to introduce itself. */
final class BannerProbe implements Runnable, AutoCloseable {
  /** What a connection showed. */
  sealed interface Seen {
    record Banner() implements Seen {}

    record Refused() implements Seen {}

    record Unreachable(String reason) implements Seen {}

    record Silent() implements Seen {}

    record ClosedAtOnce() implements Seen {}

    record SpeaksOther(String firstLine) implements Seen {}
  }

  /** Servers may say something else first (RFC 4253, 4.2), but not much. */
  private static final int MAX_PREAMBLE = 8192;

  private final SshTarget target;
  private final Duration connectTimeout;
  private final BiConsumer<BannerProbe, Seen> listener;
  private final Socket socket = new Socket();
  private final ByteArrayOutputStream received = new ByteArrayOutputStream();
  private volatile boolean closed;

  /**
   * @param listener told once, when it is known what is there; not after {@link #close}
   */
  BannerProbe(SshTarget target, Duration connectTimeout, BiConsumer<BannerProbe, Seen> listener) {
    this.target = target;
    this.connectTimeout = connectTimeout;
    this.listener = listener;
  }

  @Override
  public void run() {
    Seen seen;
    try (socket) {
      int timeout = (int) Math.max(1, connectTimeout.toMillis());
      socket.connect(new InetSocketAddress(target.host(), target.port()), timeout);
      seen = listen();
    } catch (ConnectException e) {
      boolean refused = String.valueOf(e.getMessage()).contains("refused");
      seen = refused ? new Seen.Refused() : unreachable(e);
    } catch (IOException e) {
      seen = unreachable(e);
    }
    if (!closed) {
      listener.accept(this, seen);
    }
  }

  /** What a connection that has not ended yet looks like. */
  Seen soFar() {
    String text = text();
    return text.isEmpty() ? new Seen.Silent() : new Seen.SpeaksOther(firstLine(text));
  }

  @Override
  public void close() {
    closed = true;
    try {
      socket.close();
    } catch (IOException e) {
      // Nothing was sent on it, so nothing is lost.
      Log.of(BannerProbe.class).log(System.Logger.Level.DEBUG, "closing a probe failed", e);
    }
  }

  private Seen listen() {
    byte[] chunk = new byte[512];
    try {
      InputStream in = socket.getInputStream();
      while (received.size() < MAX_PREAMBLE) {
        int length = in.read(chunk);
        if (length < 0) {
          break;
        }
        received.write(chunk, 0, length);
        if (hasBanner(text())) {
          return new Seen.Banner();
        }
      }
    } catch (IOException e) {
      // A reset is a close; QEMU's user network resets when nothing listens in the guest.
      return received.size() == 0 ? new Seen.ClosedAtOnce() : soFar();
    }
    return received.size() == 0 ? new Seen.ClosedAtOnce() : soFar();
  }

  private String text() {
    return received.toString(StandardCharsets.ISO_8859_1);
  }

  private static boolean hasBanner(String text) {
    int at = text.startsWith("SSH-") ? 0 : text.indexOf("\nSSH-") + 1;
    if (at == 0 && !text.startsWith("SSH-")) {
      return false;
    }
    return (text.startsWith("SSH-2.0-", at) || text.startsWith("SSH-1.99-", at))
        && text.indexOf('\n', at) >= 0;
  }

  private static String firstLine(String text) {
    String line = OutputTail.printable(text).lines().findFirst().orElse("");
    return line.length() > 60 ? line.substring(0, 57) + "..." : line;
  }

  private static Seen unreachable(IOException e) {
    return new Seen.Unreachable(
        e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage());
  }
}
