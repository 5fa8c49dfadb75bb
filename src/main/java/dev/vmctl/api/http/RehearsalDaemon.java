package dev.vmctl.api.http;

import dev.vmctl.Version;
import dev.vmctl.api.ServerInfo;
import dev.vmctl.api.SshAccess;
import dev.vmctl.api.VmSummary;
import dev.vmctl.json.Json;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.impl.io.DefaultBHttpServerConnection;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http.message.BasicClassicHttpResponse;

/**
 * Answers questions about one VM that there is not, in the daemon's words: for the run in which the
 * JVM records what commands load, see {@code bin/vmctl}.
 */
public final class RehearsalDaemon implements AutoCloseable {
  /** The only VM it knows. */
  public static final String VM = "sample";

  private final ServerSocketChannel server;
  private final Map<String, Object> answers;

  /** Answers from now on, on the socket of this data directory. */
  public RehearsalDaemon(Path dataDirectory) throws IOException {
    answers =
        Map.of(
            "/v1/vms",
            List.of(
                new VmSummary(VM, "running", true, "qemu", 1, 1, "user", 1L, 1, "cli", true),
                new VmSummary(VM, "stopped", false, "qemu", 1, 1, "none", null, null, "cli", true)),
            "/v1/info",
            new ServerInfo(Version.CURRENT, 1, true, true, dataDirectory, List.of()),
            "/v1/vms/" + VM + "/ssh",
            new SshAccess("127.0.0.1", 1, "vm", List.of(), dataDirectory, VM, true));
    server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(HttpApi.socket(dataDirectory)));
    Thread.ofPlatform().daemon().name("rehearsal").start(this::serve);
  }

  private void serve() {
    while (true) {
      try (SocketChannel accepted = server.accept()) {
        answer(accepted);
      } catch (ClosedChannelException over) {
        return;
      } catch (IOException | HttpException broken) {
        throw new IllegalStateException("the rehearsal cannot go on", broken);
      }
    }
  }

  private void answer(SocketChannel accepted) throws IOException, HttpException {
    try (UnixSocket socket = UnixSocket.of(accepted);
        DefaultBHttpServerConnection connection =
            new DefaultBHttpServerConnection("http", Http1Config.DEFAULT)) {
      connection.bind(socket);
      ClassicHttpRequest request = connection.receiveRequestHeader();
      if (request == null) {
        return; // Only looked whether somebody is here.
      }
      connection.receiveRequestEntity(request);
      BasicClassicHttpResponse response = response(request.getPath());
      connection.sendResponseHeader(response);
      connection.sendResponseEntity(response);
      connection.flush();
    }
  }

  private BasicClassicHttpResponse response(String path) throws IOException {
    Object known = answers.get(path);
    Object said =
        known != null
            ? known
            : Problem.of(new VmException(ErrorCode.VM_NOT_FOUND, "there is no " + path, ""));
    byte[] body = Json.mapper().writeValueAsBytes(said);
    BasicClassicHttpResponse response =
        new BasicClassicHttpResponse(said instanceof Problem problem ? problem.status() : 200);
    response.setEntity(new ByteArrayEntity(body, ContentType.APPLICATION_JSON));
    response.setHeader(HttpApi.VERSION_HEADER, Version.CURRENT);
    response.setHeader("Content-Type", ContentType.APPLICATION_JSON.toString());
    response.setHeader("Content-Length", Integer.toString(body.length));
    return response;
  }

  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException unclosable) {
      throw new UncheckedIOException(unclosable);
    }
  }
}
