package dev.vmctl.hypervisor.qmp;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vmctl.hypervisor.qmp.FakeQmpServer.Peer;
import dev.vmctl.model.ErrorCode;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** How a connection comes about, or does not, and how it ends. */
class QmpConnectionTest extends QmpFixture {
  @Test
  void aSilentPeerIsATimeoutThatSaysWhatItMayBe() throws Exception {
    try (FakeQmpServer server = server(Peer::waitForHangUp)) {
      assertFails(() -> QmpClient.connect(server.socket(), SHORT, listener), ErrorCode.QMP_TIMEOUT)
          .contains("no QMP greeting within 100 ms");
    }
    assertThat(listener.ends).isEmpty();
  }

  @Test
  void aPeerThatGreetsAndThenStallsIsATimeout() throws Exception {
    try (FakeQmpServer server =
        server(
            peer -> {
              peer.say(FakeQmpServer.GREETING);
              peer.waitForHangUp();
            })) {
      assertFails(() -> QmpClient.connect(server.socket(), SHORT, listener), ErrorCode.QMP_TIMEOUT)
          .contains("qmp_capabilities");
    }
  }

  @Test
  void aFullBacklogIsATimeoutToo() throws Exception {
    try (ServerSocketChannel full = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      Path socket = directory.resolve("full");
      full.bind(UnixDomainSocketAddress.of(socket), 1);
      for (int i = 0; i < 4; i++) {
        assertFails(() -> QmpClient.connect(socket, SHORT, listener), ErrorCode.QMP_TIMEOUT);
      }
    }
  }

  @Test
  void nobodyListeningIsToldAtOnce() throws Exception {
    Path missing = directory.resolve("missing");
    assertFails(() -> QmpClient.connect(missing, LONG, listener), ErrorCode.QMP_CONNECT_FAILED)
        .contains(missing.toString());

    FakeQmpServer server = server(Peer::waitForHangUp);
    server.close();
    assertFails(
            () -> QmpClient.connect(server.socket(), LONG, listener), ErrorCode.QMP_CONNECT_FAILED)
        .contains("refused");
  }

  @Test
  void whatIsNotQmpEndsTheConnection() throws Exception {
    List<byte[]> garbage =
        List.of(
            "HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.UTF_8),
            "[1, 2]\n".getBytes(StandardCharsets.UTF_8),
            "{\"hello\": 1}\n".getBytes(StandardCharsets.UTF_8),
            new byte[] {'{', '"', (byte) 0xff, (byte) 0xfe, '"', ':', '1', '}'},
            "{\"error\": {\"class\": \"GenericError\", \"desc\": \"Invalid JSON\"}}\n"
                .getBytes(StandardCharsets.UTF_8),
            "[".repeat(100_000).getBytes(StandardCharsets.UTF_8));
    for (int i = 0; i < garbage.size(); i++) {
      byte[] bytes = garbage.get(i);
      try (FakeQmpServer server =
          new FakeQmpServer(
              directory.resolve("garbage" + i),
              peer -> {
                peer.say(bytes);
                peer.waitForHangUp();
              })) {
        assertFails(
            () -> QmpClient.connect(server.socket(), LONG, listener), ErrorCode.QMP_CONNECT_FAILED);
      }
    }
  }

  @Test
  void theEndOfTheConnectionFailsAllPendingWithOneCauseAndIsToldOnce() throws Exception {
    try (FakeQmpServer server =
        server(
            peer -> {
              peer.negotiate();
              peer.hear();
              peer.hear();
              peer.say(STOP + "{\"return\": {\"half");
            })) {
      QmpClient client = connect(server);
      CompletableFuture<JsonNode> first = client.send("first", Map.of(), LONG);
      CompletableFuture<JsonNode> second = client.send("second", Map.of(), LONG);

      assertThat(listener.ended.await(20, TimeUnit.SECONDS)).isTrue();
      assertFails(() -> get(first), ErrorCode.QMP_CONNECT_FAILED);
      assertFails(() -> get(second), ErrorCode.QMP_CONNECT_FAILED);
      assertFails(() -> client.execute("third", LONG), ErrorCode.QMP_CONNECT_FAILED)
          .contains("Unexpected end-of-input");
      assertThat(client.isOpen()).isFalse();
      client.close();
      assertThat(listener.names()).containsExactly("STOP");
      assertThat(listener.ends).hasSize(1);
    }
  }

  @Test
  void closingFailsWhatIsPending() throws Exception {
    try (FakeQmpServer server =
        server(
            peer -> {
              peer.negotiate();
              peer.waitForHangUp();
            })) {
      QmpClient client = connect(server);
      CompletableFuture<JsonNode> pending = client.send("query-status", Map.of(), LONG);
      client.close();
      assertFails(() -> get(pending), ErrorCode.QMP_CONNECT_FAILED);
      assertThat(listener.ended.await(20, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void aReplyWithoutEndIsCutOff() throws Exception {
    try (FakeQmpServer server =
        server(
            peer -> {
              peer.negotiate();
              peer.hear();
              peer.say("{\"return\": [");
              byte[] zeros = "0,".repeat(1 << 16).getBytes(StandardCharsets.UTF_8);
              while (true) {
                peer.say(zeros);
              }
            })) {
      try (QmpClient client = connect(server)) {
        assertFails(() -> client.execute("endless", LONG), ErrorCode.QMP_CONNECT_FAILED)
            .contains("more than 67108864 bytes");
      }
    }
  }
}
