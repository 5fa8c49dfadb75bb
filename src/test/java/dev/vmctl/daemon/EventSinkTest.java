package dev.vmctl.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmctl.model.VmEvent;
import dev.vmctl.model.VmName;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class EventSinkTest {
  private final List<String> arrived = new CopyOnWriteArrayList<>();
  private final AtomicInteger lost = new AtomicInteger();

  private static VmEvent event(String message) {
    return new VmEvent(
        Instant.EPOCH, VmEvent.Type.WARNING, "Crashed", new VmName("web"), message, 1);
  }

  private EventSink sink(EventSink.Delivery delivery) {
    return new EventSink("test", delivery, Duration.ofMillis(1), lost::incrementAndGet);
  }

  @Test
  void whatFailsIsTriedAgainInOrder() {
    AtomicInteger tries = new AtomicInteger();
    try (EventSink sink =
        sink(
            event -> {
              if (tries.incrementAndGet() < 3) {
                throw new IOException("not yet");
              }
              arrived.add(event.message());
            })) {
      sink.offer(event("one"));
      sink.offer(event("two"));
      Awaitility.await().until(() -> arrived.equals(List.of("one", "two")));
    }
    assertThat(tries).hasValue(4);
    assertThat(lost).hasValue(0);
  }

  @Test
  void whatNeverArrivesIsLostAndTheNextGetsItsChance() {
    try (EventSink sink =
        sink(
            event -> {
              if (event.message().equals("bad")) {
                throw new IOException("never");
              }
              arrived.add(event.message());
            })) {
      sink.offer(event("bad"));
      sink.offer(event("good"));
      Awaitility.await().until(() -> arrived.equals(List.of("good")));
    }
    assertThat(lost).hasValue(1);
  }

  @Test
  void aSinkThatHangsNeverMakesAnybodyWait() {
    CountDownLatch forever = new CountDownLatch(1);
    long began = System.nanoTime();
    try (EventSink sink = sink(event -> forever.await())) {
      for (int i = 0; i < EventSink.MOST + 500; i++) {
        sink.offer(event("event " + i));
      }
    }
    // One may be on its way.
    assertThat(lost.get()).isBetween(499, 500);
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(5));
  }
}
