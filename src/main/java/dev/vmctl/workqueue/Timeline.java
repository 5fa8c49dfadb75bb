package dev.vmctl.workqueue;

import java.time.Duration;
import java.time.Instant;

/**
 * Time and threads, injected, so that the whole engine also runs in one thread under virtual time:
 * same tasks, same order, no waiting.
 */
public interface Timeline {
  /** The time of day. */
  Instant now();

  /** A clock that never goes back, in nanoseconds from an arbitrary start. */
  long nanoTime();

  /** Runs the task soon, on another thread or a later turn; never before this call returns. */
  void execute(Runnable task);

  /** Runs the task once after the delay. */
  Cancellation schedule(Duration delay, Runnable task);

  /** Takes back a scheduled task that has not started. */
  interface Cancellation {
    void cancel();
  }
}
