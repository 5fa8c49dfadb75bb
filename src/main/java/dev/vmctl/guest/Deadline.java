package dev.vmctl.guest;

import java.time.Duration;

/** A moment by which something must have happened, on a clock that never goes back. */
final class Deadline {
  private final Duration length;
  private final long start = System.nanoTime();

  private Deadline(Duration length) {
    this.length = length;
  }

  static Deadline in(Duration length) {
    return new Deadline(length);
  }

  Duration length() {
    return length;
  }

  /** What is left of it, never negative. */
  Duration left() {
    Duration left = length.minusNanos(System.nanoTime() - start);
    return left.isNegative() ? Duration.ZERO : left;
  }

  boolean isOver() {
    return left().isZero();
  }

  /** What is left of it, but not more than this. */
  Duration atMost(Duration limit) {
    Duration left = left();
    return left.compareTo(limit) < 0 ? left : limit;
  }
}
