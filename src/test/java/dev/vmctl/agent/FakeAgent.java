package dev.vmctl.agent;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** A QEMU guest agent behind its socket, as QEMU serves it: one client at a time. */
public final class FakeAgent implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private final ServerSocketChannel server;
  public final Map<String, String> answers = new ConcurrentHashMap<>();

  /** What an earlier client left unread. */
  public volatile String stale = "";

  public volatile boolean silent;

  private FakeAgent(ServerSocketChannel server) {
    this.server = server;
  }

  public static FakeAgent at(Path socket) throws IOException {
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(socket));
    FakeAgent agent = new FakeAgent(server);
    agent.answers.put("guest-ping", "{}");
    Thread.ofVirtual().start(agent::serve);
    return agent;
  }

  private void serve() {
    while (server.isOpen()) {
      try (SocketChannel client = server.accept()) {
        talk(client);
      } catch (IOException e) {
        // The client or the test has ended.
      }
    }
  }

  private void talk(SocketChannel client) throws IOException {
    var in = Channels.newInputStream(client);
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    int next;
    while ((next = in.read()) >= 0) {
      if (next == 0xff) {
        line.reset();
      } else if (next != '\n') {
        line.write(next);
      } else {
        answer(client, JSON.readTree(line.toByteArray()));
        line.reset();
      }
    }
  }

  private void answer(SocketChannel client, JsonNode request) throws IOException {
    if (silent) {
      return;
    }
    String command = request.path("execute").asText();
    if (command.equals("guest-sync-delimited")) {
      write(client, stale.getBytes(StandardCharsets.UTF_8));
      write(client, new byte[] {(byte) 0xff});
      write(client, "{\"return\": " + request.path("arguments").path("id") + "}\n");
    } else if (answers.containsKey(command)) {
      write(client, "{\"return\": " + answers.get(command) + "}\n");
    } else {
      write(client, "{\"error\": {\"class\": \"CommandNotFound\", \"desc\": \"not here\"}}\n");
    }
  }

  private static void write(SocketChannel client, String text) throws IOException {
    write(client, text.getBytes(StandardCharsets.UTF_8));
  }

  private static void write(SocketChannel client, byte[] bytes) throws IOException {
    client.write(ByteBuffer.wrap(bytes));
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
