package dev.vmctl.workqueue;

import java.time.Duration;
import java.time.Instant;

/**
 * Time and threads, injected, so that the whole engine also runs in one thread under virtual time:
 * same tasks, same order, no waiting.
 */
public interface Timeline {
  /** The time of day: for what is told and kept. Somebody may set the clock, also back. */
  Instant now();

  /** A clock that never goes back, in nanoseconds from an arbitrary start. */
  long nanoTime();

  /** A moment that only comes nearer, whatever happens to the time of day: for what waits. */
  default Instant steady() {
    return Instant.EPOCH.plusNanos(nanoTime());
  }

  /** Runs the task soon, on another thread or a later turn; never before this call returns. */
  void execute(Runnable task);

  /** Runs the task once after the delay. */
  Cancellation schedule(Duration delay, Runnable task);

  /** Takes back a scheduled task that has not started. */
  interface Cancellation {
    void cancel();
  }
}
