package dev.vmctl.hypervisor.qmp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vmctl.hypervisor.qmp.FakeQmpServer.Peer;
import dev.vmctl.model.ErrorCode;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** Commands and their replies. */
class QmpClientTest extends QmpFixture {
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

  private static void sayByteByByte(Peer peer, String text) throws Exception {
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      peer.say(new byte[] {b});
    }
  }
}
