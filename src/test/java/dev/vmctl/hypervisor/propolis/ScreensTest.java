package dev.vmctl.hypervisor.propolis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.vmctl.hypervisor.VmHandle;
import dev.vmctl.model.VmName;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ScreensTest {
  private final Vertx vertx = Vertx.vertx();
  private final HttpClient http = PropolisClient.http(Duration.ofSeconds(10));
  private final CompletableFuture<String> asked = new CompletableFuture<>();
  private final CompletableFuture<Void> left = new CompletableFuture<>();
  private final Screens screens = new Screens();
  private final VmHandle vm =
      new VmHandle(new VmName("web"), UUID.randomUUID(), Path.of("/d"), Path.of("/r"), null);

  @BeforeEach
  void serve() throws Exception {
    HttpServer server =
        vertx
            .createHttpServer()
            .webSocketHandler(
                socket -> {
                  asked.complete(socket.path() + " " + socket.headers().get("api-version"));
                  socket.writeBinaryMessage(Buffer.buffer("RFB 003.008\n"));
                  socket.binaryMessageHandler(
                      bytes -> {
                        if (bytes.toString().equals("bye")) {
                          socket.close((short) 1001, "VM stopped");
                        } else {
                          socket.writeBinaryMessage(bytes);
                        }
                      });
                  socket.closeHandler(closed -> left.complete(null));
                })
            .listen(0, "127.0.0.1")
            .toCompletionStage()
            .toCompletableFuture()
            .get(20, TimeUnit.SECONDS);
    InetSocketAddress there = new InetSocketAddress("127.0.0.1", server.actualPort());
    screens.offer(vm, new PropolisClient(http, there, ApiVersion.DEFAULT));
  }

  @AfterEach
  void close() throws Exception {
    screens.close();
    http.shutdownNow();
    vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  private Socket viewer() throws Exception {
    String[] address = screens.address(vm).orElseThrow().split(":", -1);
    return new Socket(address[0], Integer.parseInt(address[1]));
  }

  private static String read(Socket viewer, int bytes) throws Exception {
    return new String(viewer.getInputStream().readNBytes(bytes), StandardCharsets.US_ASCII);
  }

  @Test
  void aViewerSpeaksWithTheServerUntilItGoes() throws Exception {
    try (Socket viewer = viewer()) {
      assertThat(read(viewer, 12)).isEqualTo("RFB 003.008\n");
      viewer.getOutputStream().write("RFB 003.008\n".getBytes(StandardCharsets.US_ASCII));
      assertThat(read(viewer, 12)).isEqualTo("RFB 003.008\n");
    }
    assertThat(asked.get()).isEqualTo("/instance/vnc " + ApiVersion.DEFAULT);
    left.get(20, TimeUnit.SECONDS);
  }

  @Test
  void aScreenThatEndsEndsItsViewers() throws Exception {
    try (Socket viewer = viewer();
        Socket another = viewer()) {
      viewer.getOutputStream().write("bye".getBytes(StandardCharsets.US_ASCII));
      assertThat(read(viewer, 100)).isEqualTo("RFB 003.008\n");
      assertThat(read(another, 12)).isEqualTo("RFB 003.008\n");
    }
    screens.forget(vm);
    assertThat(screens.address(vm)).isEmpty();
    await().until(() -> left.isDone());
  }
}
