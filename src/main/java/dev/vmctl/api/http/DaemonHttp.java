package dev.vmctl.api.http;

import dev.vmctl.Version;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Map;
import javax.net.ssl.SSLException;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.impl.io.DefaultBHttpClientConnection;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.http.message.BasicClassicHttpRequest;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/1.1 with a daemon. Every exchange has a connection of its own: on a unix socket it costs a
 * fifth of a millisecond, and a connection that is not kept cannot be found broken when the daemon
 * was replaced in between.
 */
final class DaemonHttp {
  private final Endpoint daemon;

  DaemonHttp(Endpoint daemon) {
    this.daemon = daemon;
  }

  /**
   * @param version the daemon's; null when it did not say
   * @param nextOffset value of {@link HttpApi#NEXT_OFFSET_HEADER}; null when there is none
   */
  @SuppressWarnings("ArrayRecordComponent") // Only carried to the one who decodes it.
  record Answer(int status, byte[] body, @Nullable String version, @Nullable String nextOffset) {}

  /**
   * @param path with its query, all of it encoded
   * @param json null for a request without a body
   * @throws VmException DAEMON_UNREACHABLE when nobody answers within {@code deadline}
   */
  Answer exchange(String method, String path, byte @Nullable [] json, Duration deadline) {
    BasicClassicHttpRequest request = new BasicClassicHttpRequest(method, path);
    daemon.headers().forEach(request::setHeader);
    request.setHeader("Connection", "close");
    request.setHeader(HttpApi.VERSION_HEADER, Version.CURRENT);
    if (json != null) {
      request.setEntity(new ByteArrayEntity(json, ContentType.APPLICATION_JSON));
      request.setHeader("Content-Type", ContentType.APPLICATION_JSON.getMimeType());
      request.setHeader("Content-Length", Integer.toString(json.length));
    } else if (!method.equals("GET")) {
      request.setHeader("Content-Length", "0");
    }
    try {
      return send(request, deadline);
    } catch (SocketTimeoutException late) {
      throw new VmException(
          ErrorCode.DAEMON_UNREACHABLE,
          "the daemon did not answer within " + deadline.toSeconds() + " s",
          "look at the daemon's log; its VMs run on whatever becomes of it",
          late);
    } catch (IOException | HttpException broken) {
      throw unreachable(broken);
    }
  }

  /**
   * An answer that goes on for as long as both want.
   *
   * @param body the answer's, to its end; until {@code deadline} when it is an error's
   */
  record Opened(int status, @Nullable String version, InputStream body, Closeable connection) {}

  /**
   * Asks for an answer without an end. Who reads it waits as long as nothing comes.
   *
   * @throws VmException DAEMON_UNREACHABLE when the answer does not begin within {@code deadline}
   */
  Opened open(String path, Map<String, String> headers, Duration deadline) {
    BasicClassicHttpRequest request = new BasicClassicHttpRequest("GET", path);
    daemon.headers().forEach(request::setHeader);
    request.setHeader(HttpApi.VERSION_HEADER, Version.CURRENT);
    headers.forEach(request::setHeader);
    try {
      Socket connected = daemon.connect();
      try {
        DefaultBHttpClientConnection connection =
            new DefaultBHttpClientConnection(Http1Config.DEFAULT);
        connected.setSoTimeout(Math.toIntExact(deadline.toMillis()));
        connection.bind(connected);
        connection.sendRequestHeader(request);
        connection.flush();
        ClassicHttpResponse response = connection.receiveResponseHeader();
        connection.receiveResponseEntity(response);
        if (response.getCode() == 200) {
          connection.setSocketTimeout(Timeout.DISABLED);
        }
        HttpEntity entity = response.getEntity();
        return new Opened(
            response.getCode(),
            header(response, HttpApi.VERSION_HEADER),
            entity == null ? InputStream.nullInputStream() : entity.getContent(),
            connected);
      } catch (IOException | HttpException | RuntimeException failure) {
        connected.close();
        throw failure;
      }
    } catch (IOException | HttpException broken) {
      throw unreachable(broken);
    }
  }

  private Answer send(BasicClassicHttpRequest request, Duration deadline)
      throws IOException, HttpException {
    try (Socket connected = daemon.connect();
        DefaultBHttpClientConnection connection =
            new DefaultBHttpClientConnection(Http1Config.DEFAULT)) {
      connected.setSoTimeout(Math.toIntExact(deadline.toMillis()));
      connection.bind(connected);
      connection.sendRequestHeader(request);
      if (request.getEntity() != null) {
        connection.sendRequestEntity(request);
      }
      connection.flush();
      try (ClassicHttpResponse response = connection.receiveResponseHeader()) {
        connection.receiveResponseEntity(response);
        HttpEntity entity = response.getEntity();
        byte[] body = entity == null ? null : EntityUtils.toByteArray(entity);
        return new Answer(
            response.getCode(),
            body == null ? new byte[0] : body,
            header(response, HttpApi.VERSION_HEADER),
            header(response, HttpApi.NEXT_OFFSET_HEADER));
      }
    }
  }

  /** Whether somebody listens on the socket. */
  boolean isAnswered() {
    try (Socket connected = daemon.connect()) {
      return connected.isConnected();
    } catch (IOException nobody) {
      return false;
    }
  }

  VmException unreachable(Exception cause) {
    if (cause instanceof SSLException) {
      return new VmException(
          ErrorCode.DAEMON_UNTRUSTED,
          "the daemon on " + daemon + " has not proved who it is: " + root(cause).getMessage(),
          "is its name in its certificate? Name what signed it, or itself, with VMCTL_CA_FILE",
          cause);
    }
    return new VmException(
        ErrorCode.DAEMON_UNREACHABLE,
        "the daemon does not answer on " + daemon + ": " + cause.getMessage(),
        daemon.help(),
        cause);
  }

  /** What is wrong with a certificate; around it are the names of classes. */
  private static Throwable root(Throwable failure) {
    Throwable cause = failure.getCause();
    return cause == null ? failure : root(cause);
  }

  private static @Nullable String header(ClassicHttpResponse response, String name) {
    Header found = response.getFirstHeader(name);
    return found == null ? null : found.getValue();
  }
}
