package dev.vmctl.hypervisor.qmp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vmctl.hypervisor.qmp.FakeQmpServer.Peer;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.math.BigInteger;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.AbstractStringAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class QmpClientTest {
  private static final Duration LONG = Duration.ofSeconds(20);
  private static final Duration SHORT = Duration.ofMillis(100);
  private static final String STOP =
      "{\"timestamp\": {\"seconds\": 1700000000, \"microseconds\": 123456}, \"event\": \"STOP\"}\r\n";

  private final RecordingListener listener = new RecordingListener();
  @TempDir Path directory;

  @Test
  void aReplyIsFoundByItsIdWhateverTheOrder() throws Exception {
    try (FakeQmpServer server =
            server(
                peer -> {
                  peer.negotiate();
                  JsonNode first = peer.hear();
                  JsonNode second = peer.hear();
                  peer.answer(second, "\"" + second.get("execute").asText() + "\"");
                  peer.answer(first, "\"" + first.get("execute").asText() + "\"");
                  peer.waitForHangUp();
                });
        QmpClient client = connect(server)) {
      CompletableFuture<JsonNode> first = client.send("first", Map.of(), LONG);
      CompletableFuture<JsonNode> second = client.send("second", Map.of(), LONG);
      assertThat(first.get().asText()).isEqualTo("first");
      assertThat(second.get().asText()).isEqualTo("second");
      assertThat(client.version()).hasToString("7.2.22");
    }
  }

  @Test
  void argumentsGoOutAsJsonWhateverIsInThem() throws Exception {
    try (FakeQmpServer server =
            server(
                peer -> {
                  peer.negotiate();
                  JsonNode command = peer.hear();
                  peer.answer(command, command.get("arguments").toString());
                  peer.waitForHangUp();
                });
        QmpClient client = connect(server)) {
      Map<String, Object> arguments =
          Map.of("path", "a\"b,\n\\ü", "number", 1L << 40, "list", List.of(1, true));
      JsonNode echoed = client.execute("echo", arguments, LONG);
      assertThat(echoed.get("path").asText()).isEqualTo("a\"b,\n\\ü");
      assertThat(echoed.get("number").asLong()).isEqualTo(1L << 40);
      assertThat(echoed.get("list").get(1).asBoolean()).isTrue();
    }
  }

  @Test
  void messagesAreUnderstoodByteByByteAndAllAtOnce() throws Exception {
    try (FakeQmpServer server =
            server(
                peer -> {
                  sayByteByByte(peer, FakeQmpServer.GREETING);
                  peer.answer(peer.hear(), "{}");
                  JsonNode slow = peer.hear();
                  sayByteByByte(
                      peer, STOP + "{\"return\": \"ü\u20ac\", \"id\": " + slow.get("id") + "}\r\n");
                  JsonNode quick = peer.hear();
                  // Without line ends, and with blanks, as JSON allows.
                  peer.say(
                      STOP.trim()
                          + " {\"id\":"
                          + quick.get("id")
                          + ",\"return\":{}}"
                          + STOP.trim());
                  peer.waitForHangUp();
                });
        QmpClient client = connect(server)) {
      assertThat(client.execute("slow", LONG).asText()).isEqualTo("ü\u20ac");
      assertThat(client.execute("quick", LONG).isObject()).isTrue();
      await().until(() -> listener.events.size() == 3);
      assertThat(listener.events.getFirst().at())
          .isEqualTo(Instant.parse("2023-11-14T22:13:20.123456Z"));
    }
  }

  @Test
  void eventsDuringTheNegotiationAreKept() throws Exception {
    try (FakeQmpServer server =
            server(
                peer -> {
                  peer.say(STOP);
                  peer.say(FakeQmpServer.GREETING + STOP);
                  JsonNode capabilities = peer.hear();
                  peer.say(STOP);
                  peer.answer(capabilities, "{}");
                  peer.waitForHangUp();
                });
        QmpClient client = connect(server)) {
      await().until(() -> listener.events.size() == 3);
      assertThat(client.isOpen()).isTrue();
    }
  }

  @Test
  void aFloodOfEventsStaysInOrderAndHoldsNoReplyUp() throws Exception {
    int many = 100_000;
    AtomicInteger next = new AtomicInteger();
    AtomicInteger misplaced = new AtomicInteger();
    CountDownLatch replied = new CountDownLatch(1);
    QmpListener slow =
        new QmpListener() {
          @Override
          public void event(QmpEvent event) {
            awaitQuietly(replied);
            if (event.data().get("n").asInt() != next.getAndIncrement()) {
              misplaced.incrementAndGet();
            }
          }

          @Override
          public void closed(VmException cause) {}
        };
    try (FakeQmpServer server =
            server(
                peer -> {
                  peer.negotiate();
                  JsonNode command = peer.hear();
                  for (int i = 0; i < many; i++) {
                    peer.say("{\"event\": \"E\", \"data\": {\"n\": " + i + "}}\r\n");
                  }
                  peer.answer(command, "{}");
                  peer.waitForHangUp();
                });
        QmpClient client = QmpClient.connect(server.socket(), LONG, slow)) {
      // The listener blocks on its first event until the reply behind all of them is in.
      client.execute("query-status", LONG);
      replied.countDown();
      await().atMost(LONG).until(() -> next.get() == many);
      assertThat(misplaced).hasValue(0);
    }
  }

  @Test
  void aFailingListenerLosesNoLaterEvent() throws Exception {
    AtomicInteger told = new AtomicInteger();
    QmpListener failing =
        new QmpListener() {
          @Override
          public void event(QmpEvent event) {
            told.incrementAndGet();
            throw new IllegalStateException("on purpose");
          }

          @Override
          public void closed(VmException cause) {}
        };
    try (FakeQmpServer server =
            server(
                peer -> {
                  peer.negotiate();
                  peer.say(STOP + STOP);
                  peer.waitForHangUp();
                });
        QmpClient client = QmpClient.connect(server.socket(), LONG, failing)) {
      await().until(() -> told.get() == 2);
      assertThat(client.isOpen()).isTrue();
    }
  }

  @Test
  void anErrorReplyNamesTheCommandAndQuotesQemu() throws Exception {
    try (FakeQmpServer server =
            server(
                peer -> {
                  peer.negotiate();
                  JsonNode id = peer.hear().get("id");
                  peer.say(
                      "{\"id\": "
                          + id
                          + ", \"error\": {\"class\": \"GenericError\", \"desc\": \"no such disk\"}}\r\n");
                  peer.answer(peer.hear(), "{}");
                  peer.waitForHangUp();
                });
        QmpClient client = connect(server)) {
      assertFails(() -> client.execute("eject", LONG), ErrorCode.QMP_COMMAND_FAILED)
          .contains("eject")
          .contains("no such disk");
      assertThat(client.execute("query-status", LONG).isObject()).isTrue();
    }
  }

  @Test
  void aLateReplyIsDroppedAndTheConnectionGoesOn() throws Exception {
    CountDownLatch late = new CountDownLatch(1);
    try (FakeQmpServer server =
            server(
                peer -> {
                  peer.negotiate();
                  JsonNode slow = peer.hear();
                  late.await();
                  peer.answer(slow, "\"slow\"");
                  peer.answer(peer.hear(), "\"quick\"");
                  peer.waitForHangUp();
                });
        QmpClient client = connect(server)) {
      assertFails(() -> client.execute("slow", SHORT), ErrorCode.QMP_TIMEOUT)
          .contains("slow")
          .contains("100 ms");
      late.countDown();
      assertThat(client.execute("quick", LONG).asText()).isEqualTo("quick");
    }
  }

  @Test
  void aCommandThatTimedOutUnsentIsNeverSent() throws Exception {
    CountDownLatch read = new CountDownLatch(1);
    List<String> heard = new CopyOnWriteArrayList<>();
    try (FakeQmpServer server =
            server(
                peer -> {
                  peer.negotiate();
                  read.await();
                  for (JsonNode command = peer.hear();
                      !command.get("execute").asText().equals("last");
                      command = peer.hear()) {
                    heard.add(command.get("execute").asText());
                    peer.answer(command, "{}");
                  }
                  heard.add("last");
                  peer.waitForHangUp();
                });
        QmpClient client = connect(server)) {
      // More than a socket buffers: the writer is stuck in the first, the second waits behind it.
      CompletableFuture<JsonNode> large =
          client.send("large", Map.of("text", "x".repeat(4 << 20)), LONG);
      assertFails(() -> client.execute("system_powerdown", SHORT), ErrorCode.QMP_TIMEOUT);
      read.countDown();
      large.get();
      var _ = client.send("last", Map.of(), LONG);
      await().until(() -> heard.contains("last"));
      assertThat(heard).containsExactly("large", "last");
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
      assertFails(() -> QmpClientTest.get(first), ErrorCode.QMP_CONNECT_FAILED);
      assertFails(() -> QmpClientTest.get(second), ErrorCode.QMP_CONNECT_FAILED);
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
      assertFails(() -> QmpClientTest.get(pending), ErrorCode.QMP_CONNECT_FAILED);
      assertThat(listener.ended.await(20, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void anInterruptedCallerLeavesTheConnectionAlone() throws Exception {
    CountDownLatch heard = new CountDownLatch(1);
    try (FakeQmpServer server =
            server(
                peer -> {
                  peer.negotiate();
                  peer.hear();
                  heard.countDown();
                  peer.answer(peer.hear(), "\"alive\"");
                  peer.waitForHangUp();
                });
        QmpClient client = connect(server)) {
      CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
      Thread caller =
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      client.execute("slow", LONG);
                      interrupted.complete(false);
                    } catch (InterruptedException e) {
                      interrupted.complete(true);
                    }
                  });
      heard.await();
      caller.interrupt();
      assertThat(interrupted.get()).isTrue();
      assertThat(client.execute("query-status", LONG).asText()).isEqualTo("alive");
    }
  }

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
  void numbersBeyondLongAndLargeRepliesArriveWhole() throws Exception {
    BigInteger number = BigInteger.TWO.pow(64).subtract(BigInteger.ONE);
    String large = "y".repeat(30 << 20);
    try (FakeQmpServer server =
            server(
                peer -> {
                  peer.negotiate();
                  peer.answer(peer.hear(), number.toString());
                  peer.answer(peer.hear(), "\"" + large + "\"");
                  peer.waitForHangUp();
                });
        QmpClient client = connect(server)) {
      assertThat(client.execute("number", LONG).bigIntegerValue()).isEqualTo(number);
      assertThat(client.execute("large", LONG).asText()).isEqualTo(large);
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

  private FakeQmpServer server(FakeQmpServer.Script script) {
    return new FakeQmpServer(directory.resolve("qmp"), script);
  }

  private QmpClient connect(FakeQmpServer server) throws InterruptedException {
    return QmpClient.connect(server.socket(), LONG, listener);
  }

  private static JsonNode get(CompletableFuture<JsonNode> reply) throws Throwable {
    try {
      return reply.get();
    } catch (ExecutionException e) {
      throw e.getCause();
    }
  }

  private static AbstractStringAssert<?> assertFails(ThrowingCallable call, ErrorCode code) {
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

  private static void sayByteByByte(Peer peer, String text) throws Exception {
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      peer.say(new byte[] {b});
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
