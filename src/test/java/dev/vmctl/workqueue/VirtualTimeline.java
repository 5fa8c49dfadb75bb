package dev.vmctl.workqueue;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.function.BooleanSupplier;

/** One thread, and time that passes only when nothing else is left to do. */
public final class VirtualTimeline implements Timeline {
  private final Deque<Runnable> ready = new ArrayDeque<>();
  private final PriorityQueue<Timer> timers =
      new PriorityQueue<>(Comparator.comparingLong(Timer::due).thenComparingLong(Timer::number));
  private Instant start;
  private long nanos;
  private long numbers;

  public VirtualTimeline(Instant start) {
    this.start = start;
  }

  @Override
  public Instant now() {
    return start.plusNanos(nanos);
  }

  @Override
  public long nanoTime() {
    return nanos;
  }

  @Override
  public void execute(Runnable task) {
    ready.add(task);
  }

  @Override
  public Cancellation schedule(Duration delay, Runnable task) {
    Timer timer = new Timer(nanos + Math.max(0, delay.toNanos()), numbers++, task);
    timers.add(timer);
    return () -> timers.remove(timer);
  }

  /** Somebody sets the time of day: back by this much, forward when it is negative. */
  public void setBack(Duration by) {
    start = start.minus(by);
  }

  /** Runs everything that is ready now; time stands still. */
  public void runReady() {
    for (Runnable task = ready.poll(); task != null; task = ready.poll()) {
      task.run();
    }
  }

  /** Lets this much time pass, running what comes due on the way. */
  public void pass(Duration time) {
    long end = nanos + time.toNanos();
    runReady();
    while (!timers.isEmpty() && timers.peek().due <= end) {
      Timer timer = Objects.requireNonNull(timers.poll());
      nanos = Math.max(nanos, timer.due);
      timer.task.run();
      runReady();
    }
    nanos = end;
  }

  /**
   * Lets time pass until this is so. Fails when nothing is left that could make it so, or after
   * {@code most}.
   */
  public void until(BooleanSupplier condition, Duration most) {
    long end = nanos + most.toNanos();
    runReady();
    while (!condition.getAsBoolean()) {
      Timer next = timers.poll();
      if (next == null || next.due > end) {
        throw new AssertionError("not so after " + Duration.ofNanos(nanos) + " of virtual time");
      }
      nanos = Math.max(nanos, next.due);
      next.task.run();
      runReady();
    }
  }

  private record Timer(long due, long number, Runnable task) {}
}
