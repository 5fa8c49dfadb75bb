package dev.vmctl.workqueue;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class StuckQueueTest {
  private static final Backoff BACKOFF =
      new Backoff(Duration.ofMillis(1), Duration.ofMillis(1), 0.5);

  @Test
  void workThatWaitsWhileNothingMovesIsStuckUntilSomethingDoes() {
    CountDownLatch hangs = new CountDownLatch(1);
    try (RealTimeline timeline = new RealTimeline()) {
      WorkQueue<String> queue =
          new WorkQueue<>(
              timeline,
              new Random(1),
              BACKOFF,
              1,
              (key, waited) -> {
                awaitEnd(hangs);
                return new WorkQueue.Result.Done();
              });
      queue.add("a");
      Awaitility.await().until(() -> !queue.isIdle() && queue.depth() == 0);
      assertThat(queue.stuckFor()).isZero(); // A long step is none as long as nobody waits.
      queue.add("b");
      Awaitility.await().until(() -> queue.stuckFor().compareTo(Duration.ofMillis(50)) > 0);
      hangs.countDown();
      Awaitility.await().until(() -> queue.stuckFor().isZero());
      queue.close();
    }
  }

  private static void awaitEnd(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
