package dev.vmctl.workqueue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class RealTimelineTest {
  @Test
  void tasksRunNowAndLater() throws InterruptedException {
    CountDownLatch ran = new CountDownLatch(2);
    try (RealTimeline timeline = new RealTimeline()) {
      timeline.execute(ran::countDown);
      timeline.schedule(Duration.ofMillis(1), ran::countDown);
      assertThat(ran.await(10, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void whatIsPlannedAfterTheEndIsDropped() {
    RealTimeline timeline = new RealTimeline();
    timeline.close();
    AtomicBoolean ran = new AtomicBoolean();
    assertThatCode(
            () -> {
              timeline.execute(() -> ran.set(true));
              timeline.schedule(Duration.ZERO, () -> ran.set(true)).cancel();
            })
        .doesNotThrowAnyException();
    assertThat(ran).isFalse();
  }
}
