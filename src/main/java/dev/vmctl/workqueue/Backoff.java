package dev.vmctl.workqueue;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Capped exponential backoff with jitter.
 *
 * @param first delay after the first failure
 * @param cap longest delay
 * @param jitter share of the delay that is random, 0 to 1: the delay lies between {@code (1 -
 *     jitter)} of the full one and the full one
 */
public record Backoff(Duration first, Duration cap, double jitter) {
  public Backoff {
    if (first.isNegative() || first.isZero() || cap.compareTo(first) < 0) {
      throw new IllegalArgumentException("backoff from " + first + " to " + cap);
    }
    if (!(jitter >= 0 && jitter <= 1)) {
      throw new IllegalArgumentException("jitter " + jitter);
    }
  }

  /** From 200 ms, doubling, to 2 minutes, a fifth of it random. */
  public static Backoff standard() {
    return new Backoff(Duration.ofMillis(200), Duration.ofMinutes(2), 0.2);
  }

  /** How long to wait after this many failures in a row, at least 1. */
  public Duration after(int failures, RandomGenerator random) {
    double factor = Math.pow(2, Math.clamp(failures - 1L, 0, 62));
    double full = Math.min(first.toNanos() * factor, (double) cap.toNanos());
    return Duration.ofNanos((long) (full * (1 - jitter * random.nextDouble())));
  }
}
