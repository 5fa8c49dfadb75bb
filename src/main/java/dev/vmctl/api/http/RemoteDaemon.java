package dev.vmctl.api.http;

import dev.vmctl.api.TrustedAuthorities;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * A daemon on TCP. Nothing is sent before it has proved who it is; without TLS only to this host
 * itself, as a token that can be read on the way is none.
 *
 * @param scheme http or https
 * @param host a name, or a numeric address, IPv6 in brackets
 * @param token what lets us in
 * @param authorities PEM certificates to trust; null for those of the Java runtime
 */
public record RemoteDaemon(
    String scheme, String host, int port, String token, @Nullable Path authorities)
    implements Endpoint {
  private static final int PATIENCE_MILLIS = 10_000;
  private static final String TLS = "https";

  /** What an address looks like, for help. */
  private static final String FORM = "write unix:///path/to/vmctl.sock or https://HOST:PORT";

  /**
   * @param url such as {@code https://host:9465}
   * @throws VmException usage when it is no such address; access.denied when the token would go in
   *     the clear to another host
   */
  public static RemoteDaemon of(String url, String token, @Nullable Path authorities) {
    try {
      URI uri = new URI(url);
      String scheme = String.valueOf(uri.getScheme());
      boolean bare =
          Set.of("", "/").contains(String.valueOf(uri.getPath()))
              && uri.getQuery() == null
              && uri.getUserInfo() == null;
      if (!Set.of("http", TLS).contains(scheme)
          || uri.getHost() == null
          || uri.getPort() < 1
          || !bare) {
        throw new VmException(ErrorCode.USAGE, "'" + url + "' is no address of a daemon", FORM);
      }
      if (!scheme.equals(TLS) && !InetAddress.getByName(uri.getHost()).isLoopbackAddress()) {
        throw new VmException(
            ErrorCode.ACCESS_DENIED,
            "the token would be sent to " + url + " for everybody on the way to read",
            "write https://, and give the daemon a certificate: vmctl daemon --tls-cert");
      }
      return new RemoteDaemon(scheme, uri.getHost(), uri.getPort(), token, authorities);
    } catch (URISyntaxException e) {
      throw new VmException(ErrorCode.USAGE, "'" + url + "' is no address of a daemon", FORM, e);
    } catch (UnknownHostException e) {
      throw new VmException(
          ErrorCode.DAEMON_UNREACHABLE, "there is no host " + e.getMessage(), FORM, e);
    }
  }

  @Override
  public Socket connect() throws IOException {
    Socket plain = new Socket();
    try {
      InetSocketAddress address = new InetSocketAddress(host.replaceAll("[\\[\\]]", ""), port);
      if (address.isUnresolved()) {
        throw new UnknownHostException("there is no host " + host);
      }
      plain.connect(address, PATIENCE_MILLIS);
      plain.setTcpNoDelay(true);
      return scheme.equals(TLS) ? secured(plain, address.getHostString()) : plain;
    } catch (IOException | RuntimeException failure) {
      plain.close();
      throw failure;
    }
  }

  private Socket secured(Socket plain, String name) throws IOException {
    plain.setSoTimeout(PATIENCE_MILLIS);
    SSLSocket secured =
        (SSLSocket)
            TrustedAuthorities.context(authorities)
                .getSocketFactory()
                .createSocket(plain, name, port, true);
    SSLParameters parameters = secured.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    secured.setSSLParameters(parameters);
    secured.startHandshake();
    return secured;
  }

  @Override
  public Map<String, String> headers() {
    return Map.of("Host", host + ":" + port, "Authorization", "Bearer " + token);
  }

  @Override
  public String help() {
    return "does 'vmctl daemon --api' run there, and does a firewall let you through?";
  }

  /** Where a WebSocket of this path is. */
  URI webSocket(String path) {
    return URI.create((scheme.equals(TLS) ? "wss" : "ws") + "://" + host + ":" + port + path);
  }

  @Override
  public String toString() {
    return scheme + "://" + host + ":" + port;
  }
}
