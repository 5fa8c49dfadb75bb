package dev.vmctl.host;

import com.sun.jna.LastErrorException;
import com.sun.jna.Memory;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * Tells the supervisor that started this process how it is (sd_notify(3)). The JDK has no unix
 * datagram sockets.
 */
public final class ServiceNotice {
  private static final String SOCKET = "NOTIFY_SOCKET";
  private static final int AF_UNIX = 1;
  private static final int SOCK_DGRAM_CLOEXEC = 2 | 0x80000;
  private static final int MSG_NOSIGNAL = 0x4000;
  private static final int LONGEST_ADDRESS = 107;

  private final byte[] address;
  private final Duration watchdog;

  private ServiceNotice(byte[] address, Duration watchdog) {
    this.address = address;
    this.watchdog = watchdog;
  }

  /**
   * What the environment says of a supervisor; empty when it wants to be told nothing.
   *
   * @throws VmException io when it names a place that cannot be one
   */
  public static Optional<ServiceNotice> of(Map<String, String> environment, long pid) {
    String socket = environment.getOrDefault(SOCKET, "");
    if (socket.isEmpty()) {
      return Optional.empty();
    }
    byte[] address = socket.getBytes(StandardCharsets.UTF_8);
    if (address.length > LONGEST_ADDRESS || !socket.matches("[/@].+")) {
      throw new VmException(
          ErrorCode.IO,
          "$" + SOCKET + " is no unix socket: " + socket,
          "unset it, or start vmctl with Type=notify");
    }
    if (address[0] == '@') {
      address[0] = 0; // Of Linux's abstract name space.
    }
    return Optional.of(new ServiceNotice(address, watchdog(environment, pid)));
  }

  private static Duration watchdog(Map<String, String> environment, long pid) {
    String micros = environment.getOrDefault("WATCHDOG_USEC", "");
    String whose = environment.getOrDefault("WATCHDOG_PID", Long.toString(pid));
    return micros.matches("[0-9]{1,18}") && whose.equals(Long.toString(pid))
        ? Duration.ofNanos(Long.parseLong(micros) * 1000)
        : Duration.ZERO;
  }

  /** How often at least it wants to hear {@link #alive}; zero when it does not. */
  public Duration watchdog() {
    return watchdog;
  }

  /** Started, and serving. */
  public void ready(String status) {
    send("READY=1\nSTATUS=" + status);
  }

  public void alive() {
    send("WATCHDOG=1");
  }

  /** On its way to its end. */
  public void stopping() {
    send("STOPPING=1");
  }

  private void send(String message) {
    LinuxLibrary.require();
    byte[] text = message.getBytes(StandardCharsets.UTF_8);
    int descriptor = -1;
    try (Memory body = new Memory(text.length);
        Memory where = new Memory(2L + address.length + 1)) {
      body.write(0, text, 0, text.length);
      where.clear();
      where.setShort(0, (short) AF_UNIX);
      where.write(2, address, 0, address.length);
      descriptor = LinuxLibrary.socket(AF_UNIX, SOCK_DGRAM_CLOEXEC, 0);
      LinuxLibrary.sendto(descriptor, body, text.length, MSG_NOSIGNAL, where, 2 + address.length);
    } catch (LastErrorException e) {
      throw new VmException(
          ErrorCode.IO,
          "the supervisor cannot be told: errno " + e.getErrorCode(),
          "see $" + SOCKET,
          e);
    } finally {
      if (descriptor >= 0) {
        FileCalls.close(descriptor);
      }
    }
  }
}
