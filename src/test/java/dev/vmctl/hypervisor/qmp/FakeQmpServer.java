package dev.vmctl.hypervisor.qmp;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A peer on a real unix socket that says what a test tells it to, to its first client. */
final class FakeQmpServer implements AutoCloseable {
  static final String GREETING =
      "{\"QMP\":{\"version\":{\"qemu\":{\"micro\":22,\"minor\":2,\"major\":7},\"package\":\"x\"},"
          + "\"capabilities\":[\"oob\"]}}\r\n";

  /** What the peer does once somebody has connected. */
  interface Script {
    void play(Peer peer) throws Exception;
  }

  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final Path socket;
  private final ServerSocketChannel server;
  private final Thread thread;
  private final List<Exception> failures = new CopyOnWriteArrayList<>();

  FakeQmpServer(Path socket, Script script) {
    this.socket = socket;
    try {
      server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
      server.bind(UnixDomainSocketAddress.of(socket));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    thread = Thread.ofPlatform().daemon().name("fake-qmp").start(() -> serve(script));
  }

  Path socket() {
    return socket;
  }

  /** What went wrong on the peer's side; tests that end in a broken connection expect something. */
  List<Exception> failures() {
    return failures;
  }

  private void serve(Script script) {
    try (SocketChannel channel = server.accept()) {
      script.play(new Peer(channel));
    } catch (Exception e) {
      failures.add(e);
    }
  }

  @Override
  public void close() throws IOException, InterruptedException {
    server.close();
    thread.interrupt();
    thread.join();
  }

  /** The connection as the peer has it. */
  static final class Peer {
    private final BufferedReader in;
    private final OutputStream out;

    Peer(SocketChannel channel) {
      in = new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8));
      out = Channels.newOutputStream(channel);
    }

    void say(String text) throws IOException {
      say(text.getBytes(StandardCharsets.UTF_8));
    }

    void say(byte[] bytes) throws IOException {
      out.write(bytes);
    }

    /** The next command; fails at the end of the connection. */
    JsonNode hear() throws IOException {
      String line = in.readLine();
      if (line == null) {
        throw new IOException("the client hung up");
      }
      return MAPPER.readTree(line);
    }

    void answer(JsonNode command, String result) throws IOException {
      say("{\"return\": " + result + ", \"id\": " + command.get("id") + "}\r\n");
    }

    /** Greets and takes the capabilities. */
    void negotiate() throws IOException {
      say(GREETING);
      answer(hear(), "{}");
    }

    /** Stays connected and silent until the client hangs up. */
    void waitForHangUp() throws IOException {
      while (in.readLine() != null) {
        // Commands go unanswered.
      }
    }
  }
}
