package dev.vmctl.model;

import java.util.Locale;
import java.util.Objects;

/**
 * A port of the host that leads to a port of the guest, over user networking.
 *
 * @param bind IPv4 address of the host to listen on
 * @param hostPort 1 to 65535
 * @param guestPort 1 to 65535
 */
public record ForwardSpec(Protocol protocol, String bind, int hostPort, int guestPort) {
  /** Where a forward listens that does not say it: reached from this host only. */
  public static final String LOOPBACK = "127.0.0.1";

  /** Every address of the host. */
  public static final String ANYWHERE = "0.0.0.0";

  public static final int LOWEST_PORT = 1;
  public static final int HIGHEST_PORT = 65535;

  /** What is forwarded. */
  public enum Protocol implements Worded {
    TCP,
    UDP;

    @Override
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public ForwardSpec {
    Objects.requireNonNull(protocol);
    Objects.requireNonNull(bind);
    if (!isPort(hostPort) || !isPort(guestPort)) {
      throw new IllegalArgumentException("ports " + hostPort + ", " + guestPort);
    }
  }

  private static boolean isPort(int number) {
    return number >= LOWEST_PORT && number <= HIGHEST_PORT;
  }

  /** Whether only one of the two can listen. */
  public boolean excludes(ForwardSpec other) {
    boolean sameAddress =
        bind.equals(other.bind) || bind.equals(ANYWHERE) || other.bind.equals(ANYWHERE);
    return protocol == other.protocol && hostPort == other.hostPort && sameAddress;
  }

  /** Where it listens, such as {@code tcp 127.0.0.1:8080}. */
  public String listens() {
    return protocol.text() + " " + bind + ":" + hostPort;
  }

  /** Short form for tables and plans. */
  public String text() {
    return listens() + " -> " + guestPort;
  }
}
