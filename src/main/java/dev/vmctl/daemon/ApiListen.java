package dev.vmctl.daemon;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where the API and the page are served on TCP. Beyond loopback only with TLS: a token that can be
 * read on the way is none.
 *
 * @param host a numeric address, IPv6 without brackets
 * @param port 0 to 65535; 0 for one the system chooses
 * @param certificate PEM, with its chain; null without TLS
 * @param key PEM; null without TLS
 * @param token a file with the token that clients send; null for that of the data directory
 */
record ApiListen(
    String host, int port, @Nullable Path certificate, @Nullable Path key, @Nullable Path token) {
  /** Where the page is served when somebody asks for it and nothing else is said. */
  static final ApiListen PAGE_ONLY = new ApiListen("127.0.0.1", 0, null, null, null);

  private static final Pattern FORM =
      Pattern.compile("(?:\\[([0-9a-fA-F:.]+)]|([0-9.]+)):(\\d{1,5})");

  ApiListen {
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("there is no port " + port);
    }
    if ((certificate == null) != (key == null)) {
      throw new IllegalArgumentException("a TLS certificate and its key go together");
    }
    if (certificate == null && !isLoopback(host)) {
      throw new IllegalArgumentException(
          "'"
              + host
              + "' is not a loopback address: beyond loopback there must be a TLS certificate and key");
    }
  }

  /**
   * Reads {@code address:port}; null for {@code none}.
   *
   * @throws IllegalArgumentException when it is neither, or must not be, with a message for people
   */
  static @Nullable ApiListen parse(
      String text, @Nullable Path certificate, @Nullable Path key, @Nullable Path token) {
    if (text.equals("none")) {
      return null;
    }
    Matcher matcher = FORM.matcher(text.replaceFirst("^localhost:", "127.0.0.1:"));
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "'" + text + "' is neither 'none' nor a numeric address:port");
    }
    String host = matcher.group(1) == null ? matcher.group(2) : matcher.group(1);
    return new ApiListen(host, Integer.parseInt(matcher.group(3)), certificate, key, token);
  }

  boolean hasTls() {
    return certificate != null;
  }

  /** As it stands in a URL. */
  String address(int actualPort) {
    return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + actualPort;
  }

  @Override
  public String toString() {
    return address(port);
  }

  private static boolean isLoopback(String host) {
    try {
      return InetAddress.getByName(host).isLoopbackAddress(); // Numeric: nobody is asked.
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("'" + host + "' is not a numeric address", e);
    }
  }
}
