package dev.vmctl.workqueue;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class ClosedQueueTest {
  @Test
  void whoClosesTheQueueCanWaitForTheHandlersUnderWay() throws InterruptedException {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    try (RealTimeline timeline = new RealTimeline()) {
      WorkQueue<String> queue =
          new WorkQueue<>(
              timeline,
              new Random(1),
              Backoff.standard(),
              1,
              (key, waited) -> {
                begun.countDown();
                try {
                  release.await();
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
                return new WorkQueue.Result.Done();
              });
      queue.add("one");
      begun.await();
      queue.add("two");
      queue.close();
      assertThat(queue.awaitHandlers(Duration.ofMillis(1))).isFalse();
      release.countDown();
      assertThat(queue.awaitHandlers(Duration.ofSeconds(30))).isTrue();
      assertThat(queue.isIdle()).isTrue();
    }
  }
}
