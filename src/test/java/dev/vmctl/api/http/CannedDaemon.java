package dev.vmctl.api.http;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.impl.io.DefaultBHttpServerConnection;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.http.message.BasicClassicHttpResponse;
import org.jspecify.annotations.Nullable;

/** A real HTTP server on a unix socket that gives prepared answers and remembers the questions. */
final class CannedDaemon implements AutoCloseable {
  private final ServerSocketChannel server;
  private final Thread serving;
  private final Map<String, Answer> answers = new ConcurrentHashMap<>();
  private final List<String> requests = new CopyOnWriteArrayList<>();

  @SuppressWarnings("ArrayRecordComponent") // Only carried.
  record Answer(int status, String type, byte[] body, Map<String, String> headers) {}

  CannedDaemon(Path socket) throws IOException {
    server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(socket));
    serving = Thread.ofVirtual().start(this::serve);
  }

  void on(String request, int status, String type, String body, Map<String, String> headers) {
    answers.put(
        request, new Answer(status, type, body.getBytes(StandardCharsets.ISO_8859_1), headers));
  }

  void onJson(String request, String body) {
    on(request, 200, "application/json", body, Map.of(HttpApi.VERSION_HEADER, "9.9.9"));
  }

  /** What was asked: method, path and body. */
  List<String> requests() {
    return requests;
  }

  private void serve() {
    while (true) {
      try {
        SocketChannel accepted = server.accept();
        Thread.ofVirtual().start(() -> answer(accepted));
      } catch (ClosedChannelException over) {
        return;
      } catch (IOException broken) {
        throw new UncheckedIOException(broken);
      }
    }
  }

  private void answer(SocketChannel accepted) {
    try (UnixSocket socket = UnixSocket.of(accepted);
        DefaultBHttpServerConnection connection =
            new DefaultBHttpServerConnection("http", Http1Config.DEFAULT)) {
      connection.bind(socket);
      ClassicHttpRequest request = connection.receiveRequestHeader();
      if (request == null) {
        return;
      }
      connection.receiveRequestEntity(request);
      String body =
          request.getEntity() == null ? "" : " " + EntityUtils.toString(request.getEntity());
      String line = request.getMethod() + " " + request.getPath();
      requests.add((line + body).strip());
      respond(connection, answers.get(line));
    } catch (IOException | HttpException broken) {
      requests.add("broken: " + broken);
    }
  }

  private static void respond(DefaultBHttpServerConnection connection, @Nullable Answer answer)
      throws IOException, HttpException {
    if (answer == null) {
      return; // Closes without an answer, as a dying daemon does.
    }
    BasicClassicHttpResponse response = new BasicClassicHttpResponse(answer.status());
    answer.headers().forEach(response::setHeader);
    if (answer.status() != 202) {
      response.setEntity(new ByteArrayEntity(answer.body(), ContentType.parse(answer.type())));
    }
    response.setHeader("Content-Length", Integer.toString(answer.body().length));
    connection.sendResponseHeader(response);
    connection.sendResponseEntity(response);
    connection.flush();
  }

  @Override
  public void close() throws IOException {
    server.close();
    try {
      serving.join(); // Only then the kernel's socket is gone.
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
  }
}
