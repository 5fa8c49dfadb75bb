package dev.vmctl.hypervisor.qmp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vmctl.model.VmException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Events, which come at any time and hold nothing up. */
class QmpEventTest extends QmpFixture {
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

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
