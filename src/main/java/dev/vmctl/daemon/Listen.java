package dev.vmctl.daemon;

import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Where metrics and health are served. Never beyond loopback: they have no access control. */
sealed interface Listen {
  Listen DEFAULT = new Loopback("127.0.0.1", 9464);

  /** Nowhere. */
  record Nowhere() implements Listen {
    @Override
    public String toString() {
      return "none";
    }
  }

  /**
   * On a loopback address of TCP.
   *
   * @param host a numeric address, IPv6 without brackets
   * @param port 0 to 65535; 0 for one the system chooses
   */
  record Loopback(String host, int port) implements Listen {
    private static final Pattern ADDRESS = Pattern.compile("127\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}");

    public Loopback {
      Objects.requireNonNull(host);
      boolean octets = ADDRESS.matcher(host).matches() && octetsFit(host);
      if (!octets && !host.equals("::1")) {
        throw new IllegalArgumentException("'" + host + "' is not a loopback address");
      }
      if (port < 0 || port > 65_535) {
        throw new IllegalArgumentException("there is no port " + port);
      }
    }

    /** As it stands in a URL. */
    @Override
    public String toString() {
      return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
    }

    private static boolean octetsFit(String host) {
      for (String octet : host.split("\\.", -1)) {
        if (Integer.parseInt(octet) > 255) {
          return false;
        }
      }
      return true;
    }
  }

  /**
   * Reads {@code none} or {@code address:port}.
   *
   * @throws IllegalArgumentException when it is neither, with a message for people
   */
  static Listen parse(String text) {
    if (text.equals("none")) {
      return new Nowhere();
    }
    Matcher matcher = Pattern.compile("(?:\\[([^]]+)]|([^:]+)):(\\d{1,5})").matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("'" + text + "' is neither 'none' nor an address:port");
    }
    String host = matcher.group(1) == null ? matcher.group(2) : matcher.group(1);
    return new Loopback(
        host.equals("localhost") ? "127.0.0.1" : host, Integer.parseInt(matcher.group(3)));
  }
}
