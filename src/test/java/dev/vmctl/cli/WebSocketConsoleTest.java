package dev.vmctl.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmctl.api.ConsoleAccess;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.ServerWebSocket;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class WebSocketConsoleTest {
  private static Vertx vertx;
  private static HttpServer server;
  private static volatile Consumer<ServerWebSocket> guest = socket -> {};

  @BeforeAll
  static void listen() throws Exception {
    vertx = Vertx.vertx();
    server =
        vertx
            .createHttpServer()
            .webSocketHandler(socket -> guest.accept(socket))
            .listen(0, "127.0.0.1")
            .toCompletionStage()
            .toCompletableFuture()
            .get(20, TimeUnit.SECONDS);
  }

  @AfterAll
  static void close() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  private static ConsoleAccess access() {
    return new ConsoleAccess(
        null,
        Path.of("/console.log"),
        new ConsoleAccess.WebSocketAccess(
            URI.create("ws://127.0.0.1:" + server.actualPort() + "/instance/serial?most_recent=9"),
            Map.of("api-version", "2.0.0")));
  }

  @Test
  void whatIsTypedReachesTheGuestWithTheHeadersItNeeds() throws Exception {
    CompletableFuture<String> typed = new CompletableFuture<>();
    CompletableFuture<String> version = new CompletableFuture<>();
    guest =
        socket -> {
          version.complete(socket.headers().get("api-version") + " " + socket.query());
          StringBuilder all = new StringBuilder();
          socket.binaryMessageHandler(bytes -> all.append(bytes));
          socket.endHandler(end -> typed.complete(all.toString()));
          socket.exceptionHandler(error -> typed.complete(all.toString()));
        };
    byte[] keys = "root\r\u001dnot sent".getBytes(StandardCharsets.US_ASCII);

    try (ConsoleBridge bridge = ConsoleBridge.connect(access())) {
      bridge.run(new ByteArrayInputStream(keys), new ByteArrayOutputStream());
    }

    assertThat(version.get(20, TimeUnit.SECONDS)).isEqualTo("2.0.0 most_recent=9");
    assertThat(typed.get(20, TimeUnit.SECONDS)).isEqualTo("root\r");
  }

  @Test
  void whatTheGuestWritesIsShownUntilItsEndWithoutControlMessages() throws Exception {
    guest =
        socket -> {
          socket.writeBinaryMessage(Buffer.buffer("boot\n".repeat(5000)));
          socket.writeTextMessage("{\"Migrating\":{}}");
          socket.writeBinaryMessage(Buffer.buffer("login: "));
          socket.close((short) 1001, "VM stopped");
        };
    ByteArrayOutputStream shown = new ByteArrayOutputStream();

    try (ConsoleBridge bridge = ConsoleBridge.connect(access());
        PipedOutputStream keyboard = new PipedOutputStream();
        PipedInputStream in = new PipedInputStream(keyboard)) {
      bridge.run(in, shown);
    }

    assertThat(shown.toString(StandardCharsets.US_ASCII))
        .isEqualTo("boot\n".repeat(5000) + "login: ");
  }

  @Test
  void aConsoleThatNobodyOffersIsAnError() {
    ConsoleAccess nobody =
        new ConsoleAccess(
            null,
            Path.of("/console.log"),
            new ConsoleAccess.WebSocketAccess(URI.create("ws://127.0.0.1:1/"), Map.of()));
    assertThatThrownBy(() -> ConsoleBridge.connect(nobody)).isInstanceOf(IOException.class);
  }
}
