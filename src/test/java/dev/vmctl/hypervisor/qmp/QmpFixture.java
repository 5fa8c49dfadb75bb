package dev.vmctl.hypervisor.qmp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.assertj.core.api.AbstractStringAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A client, and the server of a script that it speaks to. */
@Timeout(60)
abstract class QmpFixture {
  static final Duration LONG = Duration.ofSeconds(20);
  static final Duration SHORT = Duration.ofMillis(100);
  static final String STOP =
      "{\"timestamp\": {\"seconds\": 1700000000, \"microseconds\": 123456}, \"event\": \"STOP\"}\r\n";

  final RecordingListener listener = new RecordingListener();
  @TempDir Path directory;

  FakeQmpServer server(FakeQmpServer.Script script) {
    return new FakeQmpServer(directory.resolve("qmp"), script);
  }

  QmpClient connect(FakeQmpServer server) throws InterruptedException {
    return QmpClient.connect(server.socket(), LONG, listener);
  }

  static JsonNode get(CompletableFuture<JsonNode> reply) throws Throwable {
    try {
      return reply.get();
    } catch (ExecutionException e) {
      throw e.getCause();
    }
  }

  static AbstractStringAssert<?> assertFails(ThrowingCallable call, ErrorCode code) {
    List<String> messages = new ArrayList<>();
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            VmException.class,
            e -> {
              assertThat(e.code()).as(e.getMessage()).isEqualTo(code);
              messages.add(e.getMessage());
            });
    return assertThat(messages.getFirst());
  }
}
