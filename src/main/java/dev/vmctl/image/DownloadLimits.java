package dev.vmctl.image;

import java.time.Duration;

/**
 * How long a download waits, and how often it is taken up again.
 *
 * @param connect for a connection
 * @param stalled for the answer to begin, and then for each next piece of it
 * @param tries how often in a row it is asked for the rest after it broke off, without a byte
 *     coming
 * @param pause before the first of these; it doubles from one to the next, 64 times at most
 */
public record DownloadLimits(Duration connect, Duration stalled, int tries, Duration pause) {
  /** For people's networks: 10 s to connect, 60 s of silence, five more tries within 15 s. */
  public static final DownloadLimits DEFAULT =
      new DownloadLimits(Duration.ofSeconds(10), Duration.ofSeconds(60), 5, Duration.ofMillis(500));

  public DownloadLimits {
    if (!connect.isPositive() || !stalled.isPositive() || pause.isNegative() || tries < 0) {
      throw new IllegalArgumentException("limits must be positive");
    }
  }
}
