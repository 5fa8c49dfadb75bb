package dev.vmctl.workqueue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmctl.workqueue.WorkQueue.Result;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class WorkQueueTest {
  private final VirtualTimeline timeline =
      new VirtualTimeline(Instant.parse("2026-01-01T00:00:00Z"));
  private final List<String> handled = new ArrayList<>();
  private final Backoff backoff = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(2), 0.5);

  private WorkQueue<String> queue(int workers, Function<String, Result> answer) {
    return new WorkQueue<>(
        timeline,
        new Random(1),
        backoff,
        workers,
        (key, waited) -> {
          handled.add(key);
          return answer.apply(key);
        });
  }

  @Test
  void aKeyAddedTwiceBeforeAWorkerIsFreeIsHandledOnce() {
    WorkQueue<String> queue = queue(1, key -> new Result.Done());
    queue.add("a");
    queue.add("b");
    queue.add("a");
    timeline.runReady();
    assertThat(handled).containsExactly("a", "b");
  }

  @Test
  void aChangeDuringAReconcileMakesItRunOnceMore() {
    List<WorkQueue<String>> self = new ArrayList<>();
    WorkQueue<String> queue =
        queue(
            4,
            key -> {
              if (handled.size() == 1) {
                self.getFirst().add(key);
                self.getFirst().add(key);
              }
              return new Result.Done();
            });
    self.add(queue);
    queue.add("a");
    timeline.runReady();
    assertThat(handled).containsExactly("a", "a");
  }

  @Test
  void failuresComeBackAfterADelayThatGrowsToItsCapAndASuccessResetsIt() {
    List<Duration> at = new ArrayList<>();
    WorkQueue<String> queue =
        queue(
            1,
            key -> {
              at.add(Duration.ofNanos(timeline.nanoTime()));
              return at.size() == 9 ? new Result.Done() : new Result.Failed();
            });
    queue.add("a");
    timeline.pass(Duration.ofMinutes(1));
    assertThat(at).hasSize(9);
    for (int i = 1; i < at.size(); i++) {
      Duration full = Duration.ofMillis(Math.min(2000, 100L << (i - 1)));
      assertThat(at.get(i).minus(at.get(i - 1))).isBetween(full.dividedBy(2), full);
    }
    assertThat(queue.failures("a")).isZero();
  }

  @Test
  void aHandlerThatThrowsCountsAsAFailureAndDoesNotStopTheOthers() {
    WorkQueue<String> queue =
        queue(
            1,
            key -> {
              if (key.equals("bad") && handled.size() == 1) {
                throw new IllegalStateException("on purpose");
              }
              return new Result.Done();
            });
    queue.add("bad");
    queue.add("good");
    try {
      timeline.runReady();
    } catch (IllegalStateException expected) {
      timeline.runReady();
    }
    assertThat(handled).contains("good");
    timeline.pass(Duration.ofSeconds(3));
    assertThat(handled.stream().filter("bad"::equals)).hasSize(2);
  }

  @Test
  void anEarlierRequestWinsOverALaterOne() {
    WorkQueue<String> queue = queue(1, key -> new Result.Done());
    queue.addAfter("a", Duration.ofSeconds(10));
    queue.addAfter("a", Duration.ofSeconds(1));
    queue.addAfter("a", Duration.ofSeconds(5));
    timeline.pass(Duration.ofSeconds(2));
    assertThat(handled).containsExactly("a");
    timeline.pass(Duration.ofSeconds(20));
    assertThat(handled).containsExactly("a");
  }

  @Test
  void addingAKeyThatWaitsForATimerHandlesItAtOnce() {
    WorkQueue<String> queue = queue(1, key -> new Result.Done());
    queue.addAfter("a", Duration.ofSeconds(10));
    queue.add("a");
    timeline.runReady();
    assertThat(handled).containsExactly("a");
    timeline.pass(Duration.ofSeconds(20));
    assertThat(handled).containsExactly("a");
  }

  @Test
  void aClosedQueueStartsNothing() {
    WorkQueue<String> queue = queue(1, key -> new Result.Done());
    queue.addAfter("later", Duration.ofSeconds(1));
    queue.add("now");
    queue.close();
    queue.add("after");
    timeline.pass(Duration.ofSeconds(5));
    assertThat(handled).isEmpty();
  }

  @Property(tries = 100)
  void everyAddIsFollowedByAHandlingThatBeganAfterIt(
      @ForAll @Size(max = 60) List<@IntRange(min = 0, max = 9) Integer> steps, @ForAll long seed) {
    VirtualTimeline time = new VirtualTimeline(Instant.EPOCH);
    Random random = new Random(seed);
    Map<Integer, Integer> added = new HashMap<>();
    Map<Integer, Integer> seenByHandler = new HashMap<>();
    WorkQueue<Integer> queue =
        new WorkQueue<>(
            time,
            random,
            backoff,
            3,
            (key, waited) -> {
              seenByHandler.put(key, added.getOrDefault(key, 0));
              return switch (random.nextInt(4)) {
                case 0 -> new Result.Failed();
                case 1 -> new Result.After(Duration.ofMillis(random.nextInt(500)));
                default -> new Result.Done();
              };
            });
    for (int key : steps) {
      added.merge(key, 1, Integer::sum);
      queue.add(key);
      if (random.nextBoolean()) {
        time.pass(Duration.ofMillis(random.nextInt(50)));
      }
    }
    time.runReady();
    assertThat(seenByHandler).isEqualTo(added);
  }

  @Test
  void oneKeyHasOneWorkerAtATimeAlsoWithManyThreads() throws InterruptedException {
    Map<Integer, AtomicInteger> inside = new ConcurrentHashMap<>();
    AtomicInteger overlaps = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    AtomicInteger now = new AtomicInteger();
    CountDownLatch runs = new CountDownLatch(2000);
    try (RealTimeline real = new RealTimeline()) {
      WorkQueue<Integer> queue =
          new WorkQueue<>(
              real,
              new Random(1),
              backoff,
              8,
              (key, waited) -> {
                AtomicInteger mine = inside.computeIfAbsent(key, k -> new AtomicInteger());
                if (mine.incrementAndGet() > 1) {
                  overlaps.incrementAndGet();
                }
                most.accumulateAndGet(now.incrementAndGet(), Math::max);
                Thread.yield();
                now.decrementAndGet();
                mine.decrementAndGet();
                runs.countDown();
                return runs.getCount() > 0
                    ? new Result.After(Duration.ofNanos(1))
                    : new Result.Done();
              });
      for (int i = 0; i < 50; i++) {
        queue.add(i % 10);
      }
      assertThat(runs.await(20, TimeUnit.SECONDS)).isTrue();
      queue.close();
    }
    assertThat(overlaps).hasValue(0);
    assertThat(most.get()).isBetween(1, 8);
  }
}
