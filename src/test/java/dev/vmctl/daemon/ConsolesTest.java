package dev.vmctl.daemon;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.vmctl.api.ConsoleAccess;
import dev.vmctl.api.FakeVmctl;
import dev.vmctl.api.LogChunk;
import dev.vmctl.api.LogKind;
import dev.vmctl.model.VmName;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.WebSocket;
import io.vertx.ext.web.Router;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Consoles and logs over WebSockets, of a guest that says again what it is told. */
@Timeout(60)
@SuppressWarnings("JdkObsolete") // what is appended in one thread is read in another
class ConsolesTest {
  private final Vertx vertx = Vertx.vertx();
  private final AtomicInteger lines = new AtomicInteger();
  private final StringBuffer said = new StringBuffer("booted\n");
  @TempDir private Path directory = Path.of("unset");
  private int port;
  private @Nullable ServerSocketChannel guest;

  @BeforeEach
  void serve() throws Exception {
    Path serial = directory.resolve("a.serial");
    ServerSocketChannel line = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    line.bind(UnixDomainSocketAddress.of(serial));
    guest = line;
    Thread.ofVirtual().start(() -> echo(line));
    Router router = Router.router(vertx);
    new Consoles(new TalkingVmctl(serial), vertx).serve(router);
    HttpServer server =
        vertx
            .createHttpServer()
            .requestHandler(router)
            .listen(0, "127.0.0.1")
            .toCompletionStage()
            .toCompletableFuture()
            .get(10, TimeUnit.SECONDS);
    port = server.actualPort();
  }

  /** As QEMU does: one connection at a time, and what the guest writes is in its log. */
  private void echo(ServerSocketChannel guest) {
    ByteBuffer bytes = ByteBuffer.allocate(1024);
    while (guest.isOpen()) {
      try (SocketChannel line = guest.accept()) {
        lines.incrementAndGet();
        while (line.read(bytes.clear()) >= 0) {
          said.append(new String(bytes.array(), 0, bytes.position(), StandardCharsets.US_ASCII));
        }
      } catch (IOException over) {
        // The test has ended.
      }
    }
  }

  private final class TalkingVmctl extends FakeVmctl {
    private final Path serial;

    TalkingVmctl(Path serial) {
      this.serial = serial;
    }

    @Override
    public ConsoleAccess console(VmName name) {
      return new ConsoleAccess(serial, serial.resolveSibling("console.log"));
    }

    @Override
    public LogChunk log(VmName name, LogKind kind, long offset, Duration wait) {
      byte[] all =
          (kind == LogKind.CONSOLE ? said.toString() : kind.text())
              .getBytes(StandardCharsets.US_ASCII);
      int from = Math.clamp(offset < 0 ? all.length + offset : offset, 0, all.length);
      if (from == all.length) {
        pause();
      }
      return new LogChunk(all.length, Arrays.copyOfRange(all, from, all.length));
    }

    private static void pause() {
      try {
        Thread.sleep(10);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @AfterEach
  void end() throws Exception {
    requireNonNull(guest).close();
    vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  /** One who looks, and types. */
  private static final class Browser {
    private final StringBuffer seen = new StringBuffer();
    private final StringBuffer next = new StringBuffer();
    private final WebSocket socket;

    Browser(WebSocket socket) {
      this.socket = socket;
      socket.binaryMessageHandler(bytes -> seen.append(bytes));
      socket.textMessageHandler(next::append);
    }

    void type(String text) {
      socket.writeBinaryMessage(Buffer.buffer(text));
    }

    void awaitSeeing(String text) {
      Awaitility.await().untilAsserted(() -> assertThat(seen.toString()).endsWith(text));
    }
  }

  private Browser open(String path) throws Exception {
    return vertx
        .createWebSocketClient()
        .connect(port, "127.0.0.1", "/v1/vms/web/" + path)
        .map(Browser::new) // In its own thread: before anything can be missed.
        .toCompletionStage()
        .toCompletableFuture()
        .get(10, TimeUnit.SECONDS);
  }

  @Test
  void twoOnOneConsoleSeeTheSameAndBothType() throws Exception {
    Browser first = open("console/ws?offset=0");
    Browser second = open("console/ws?offset=-2");
    first.awaitSeeing("booted\n");
    first.type("one ");
    second.awaitSeeing("one ");
    second.type("two");
    first.awaitSeeing("booted\none two");
    second.awaitSeeing("d\none two");
    first.socket.close();
    Awaitility.await("the other has taken over").until(() -> lines.get() == 2);
    second.type(" three");
    second.awaitSeeing("two three");
    Browser third = open("console/ws?offset=-5");
    third.type(" four");
    second.awaitSeeing("three four");
  }

  @Test
  void whoComesBackGoesOnWhereHeWas() throws Exception {
    Browser first = open("console/ws?offset=0");
    first.awaitSeeing("booted\n");
    Awaitility.await().until(() -> first.next.toString().equals("{\"next\":7}"));
    first.socket.close();
    said.append("login: ");
    Browser again = open("console/ws?offset=7");
    again.awaitSeeing("login: ");
    assertThat(again.seen.toString()).isEqualTo("login: ");
  }

  @Test
  void aLogIsToReadOnly() throws Exception {
    Browser provision = open("log/provision/ws?offset=0");
    provision.awaitSeeing("provision");
    provision.type("nobody hears this");
    Browser log = open("log/console/ws?offset=0");
    log.awaitSeeing("booted\n");
    said.append("more\n");
    log.awaitSeeing("booted\nmore\n");
    assertThat(said.toString()).isEqualTo("booted\nmore\n");
  }
}
