package dev.vmctl.image;

import dev.vmctl.Version;
import dev.vmctl.model.VmException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Requests by the JDK's older client: it reads a body into the caller's buffers, at more than twice
 * the rate of the newer one.
 */
final class Http {
  private static final int MOST_REDIRECTS = 5;
  private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);
  private static final String AUTHORIZATION = "Authorization";

  private final DownloadLimits limits;

  Http(DownloadLimits limits) {
    this.limits = limits;
  }

  DownloadLimits limits() {
    return limits;
  }

  /**
   * Asks for a resource, following redirects: at most {@value #MOST_REDIRECTS}, never from https to
   * http, and with the credentials only while the host stays the same.
   *
   * @return whatever the server answers in the end; the caller closes it
   * @throws VmException image.download_failed when it cannot be asked, image.redirect_loop
   */
  HttpAnswer get(ImageUrl url, Map<String, String> headers) {
    Map<String, String> sent = new LinkedHashMap<>(headers);
    String user = url.address().getRawUserInfo();
    if (user != null && !sent.containsKey(AUTHORIZATION)) {
      byte[] decoded =
          URLDecoder.decode(user.replace("+", "%2B"), StandardCharsets.UTF_8)
              .getBytes(StandardCharsets.UTF_8);
      sent.put(AUTHORIZATION, "Basic " + Base64.getEncoder().encodeToString(decoded));
    }
    URI at = url.address();
    for (int redirects = 0; ; redirects++) {
      HttpAnswer answer = once(url, at, sent);
      String location = answer.header("Location").orElse("");
      if (!REDIRECTS.contains(answer.status()) || location.isEmpty()) {
        return answer;
      }
      answer.close();
      URI next = target(url, at, location);
      if (redirects == MOST_REDIRECTS || (isSecure(at) && !isSecure(next))) {
        throw DownloadFailures.ofRedirects(url);
      }
      if (!sameOrigin(at, next)) {
        sent.remove(AUTHORIZATION);
      }
      at = next;
    }
  }

  private HttpAnswer once(ImageUrl url, URI at, Map<String, String> headers) {
    boolean connected = false;
    try {
      HttpURLConnection connection = open(at, headers);
      connection.connect();
      connected = true;
      return new HttpAnswer(connection);
    } catch (IOException e) {
      throw DownloadFailures.ofConnection(url, at.getHost(), connected, e);
    }
  }

  /**
   * Sends a request with a body; redirects are not followed.
   *
   * @param length of the body in bytes
   * @throws VmException image.download_failed or oci.pull_failed when it cannot be sent
   */
  HttpAnswer send(
      String method, ImageUrl url, URI at, Map<String, String> headers, long length, Body body) {
    try {
      HttpURLConnection connection = open(at, headers);
      connection.setRequestMethod(method);
      if (!method.equals("HEAD")) {
        connection.setDoOutput(true);
        connection.setFixedLengthStreamingMode(length);
        try (OutputStream out = connection.getOutputStream()) {
          body.writeTo(out);
        }
      }
      return new HttpAnswer(connection);
    } catch (IOException e) {
      throw DownloadFailures.ofConnection(url, at.getHost(), true, e);
    }
  }

  /** Writes the body of a request. */
  @FunctionalInterface
  interface Body {
    void writeTo(OutputStream out) throws IOException;
  }

  /** A connection for one request and no more. */
  private HttpURLConnection open(URI at, Map<String, String> headers) throws IOException {
    if (!(at.toURL().openConnection() instanceof HttpURLConnection connection)) {
      throw new IOException("not http: " + at.getScheme());
    }
    connection.setInstanceFollowRedirects(false);
    connection.setUseCaches(false);
    connection.setConnectTimeout(Math.toIntExact(limits.connect().toMillis()));
    connection.setReadTimeout(Math.toIntExact(limits.stalled().toMillis()));
    connection.setRequestProperty("User-Agent", "vmctl/" + Version.CURRENT);
    connection.setRequestProperty("Accept", "*/*");
    connection.setRequestProperty("Connection", "close");
    headers.forEach(connection::setRequestProperty);
    return connection;
  }

  private static URI target(ImageUrl url, URI from, String location) {
    try {
      URI next = from.resolve(location);
      String scheme = String.valueOf(next.getScheme());
      if (next.getHost() != null && (scheme.equals("http") || scheme.equals("https"))) {
        return next;
      }
    } catch (IllegalArgumentException notOne) {
      // Said below.
    }
    throw DownloadFailures.ofRedirects(url);
  }

  static boolean isSecure(URI address) {
    return "https".equalsIgnoreCase(address.getScheme());
  }

  static boolean sameOrigin(URI one, URI other) {
    return String.valueOf(one.getHost()).equalsIgnoreCase(other.getHost())
        && (one.getPort() == other.getPort() || port(one) == port(other));
  }

  private static int port(URI address) {
    return address.getPort() >= 0 ? address.getPort() : isSecure(address) ? 443 : 80;
  }
}
