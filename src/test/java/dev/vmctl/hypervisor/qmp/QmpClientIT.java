package dev.vmctl.hypervisor.qmp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Against a real QEMU that has no machine. */
@Timeout(60)
class QmpClientIT {
  private static final Duration LONG = Duration.ofSeconds(20);

  private final RecordingListener listener = new RecordingListener();
  @TempDir Path directory;
  private Path socket;
  private Process qemu;

  @BeforeEach
  void startQemu() throws Exception {
    socket = directory.resolve("qmp");
    qemu =
        new ProcessBuilder(
                "qemu-system-x86_64",
                "-M",
                "none",
                "-nodefaults",
                "-display",
                "none",
                "-S",
                "-qmp",
                "unix:" + socket + ",server=on,wait=off")
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("log").toFile())
            .start();
    while (!isListening()) {
      assertThat(qemu.waitFor(1, TimeUnit.MILLISECONDS)).isFalse();
    }
  }

  /** Between bind and listen there is a file already; a probe would take the only place. */
  private boolean isListening() throws IOException {
    return Files.readAllLines(Path.of("/proc/net/unix")).stream()
        .anyMatch(line -> line.contains(" 00010000 ") && line.endsWith(" " + socket));
  }

  @AfterEach
  void killQemu() throws Exception {
    qemu.destroyForcibly().waitFor();
  }

  @Test
  void qemuAnswersRefusesAndTellsItsEnd() throws Exception {
    try (QmpClient client = QmpClient.connect(socket, LONG, listener)) {
      assertThat(client.version().major()).isGreaterThanOrEqualTo(7);
      assertThat(client.execute("query-status", LONG).get("status").asText())
          .isEqualTo("prelaunch");
      assertThatThrownBy(() -> client.execute("eject", Map.of("id", "none"), LONG))
          .isInstanceOfSatisfying(
              VmException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.QMP_COMMAND_FAILED));
      // The largest reply QEMU has: some hundred KiB.
      JsonNode schema = client.execute("query-qmp-schema", LONG);
      assertThat(schema.size()).isGreaterThan(500);

      client.execute("quit", LONG);
      assertThat(listener.ended.await(20, TimeUnit.SECONDS)).isTrue();
      assertThat(listener.names()).containsExactly("SHUTDOWN");
      assertThat(listener.events.getFirst().data().get("reason").asText())
          .isEqualTo("host-qmp-quit");
    }
  }

  @Test
  void aSecondClientOfOneSocketIsToldSo() throws Exception {
    try (QmpClient first = QmpClient.connect(socket, LONG, listener)) {
      assertThatThrownBy(
              () -> QmpClient.connect(socket, Duration.ofMillis(300), QmpListener.ignoring()))
          .isInstanceOfSatisfying(
              VmException.class,
              e -> {
                assertThat(e.code()).isEqualTo(ErrorCode.QMP_TIMEOUT);
                assertThat(e.help()).contains("another client");
              });
      assertThat(first.execute("query-status", LONG).has("status")).isTrue();
    }
    // And once the first has left, the next is served.
    QmpClient.connect(socket, LONG, QmpListener.ignoring()).close();
  }

  @Test
  void aKilledQemuEndsTheConnection() throws Exception {
    try (QmpClient client = QmpClient.connect(socket, LONG, listener)) {
      qemu.destroyForcibly();
      assertThat(listener.ended.await(20, TimeUnit.SECONDS)).isTrue();
      assertThat(client.isOpen()).isFalse();
    }
  }
}
