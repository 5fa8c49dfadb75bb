package dev.vmctl.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StartupFailureTest {
  @Test
  void aKnownFailureIsToldWithoutATrace() {
    VmException locked =
        new VmException(ErrorCode.STORE_LOCKED, "process 7 (vmctl) has it", "end that one");
    assertThat(printed(new RuntimeException("Failed to start", locked)))
        .isEqualTo("error[store.locked]: process 7 (vmctl) has it\n  help: end that one\n");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aTakenPortIsNamedWithTheOptionThatChangesIt(boolean nativeTransport) throws IOException {
    assertThat(printed(new RuntimeException("Unable to start", refusedBind(nativeTransport))))
        .isEqualTo(
            "error[network.port_taken]: cannot serve metrics and health on 127.0.0.1:9464:"
                + " Address already in use\n"
                + "  help: name another port with --listen 127.0.0.1:PORT, or none with"
                + " --listen none\n");
  }

  @Test
  void aBugShowsItsTrace() {
    assertThat(printed(new IllegalStateException("oops")))
        .startsWith("error[internal]: the daemon could not start: ")
        .contains("\tat dev.vmctl.daemon.StartupFailureTest");
  }

  /** What the server Quarkus uses says of a port that somebody has. */
  private static Throwable refusedBind(boolean nativeTransport) throws IOException {
    VertxOptions options = new VertxOptions().setPreferNativeTransport(nativeTransport);
    Vertx vertx = Vertx.vertx(options);
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertThat(vertx.isNativeTransportEnabled()).isEqualTo(nativeTransport);
      CompletionStage<HttpServer> server =
          vertx
              .createHttpServer()
              .requestHandler(request -> {})
              .listen(taken.getLocalPort(), "127.0.0.1")
              .toCompletionStage();
      return catchThrowable(server.toCompletableFuture()::get);
    } finally {
      vertx.close().toCompletionStage().toCompletableFuture().join();
    }
  }

  private static String printed(Throwable failure) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    StartupFailure.of(failure, Listen.DEFAULT)
        .print(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
