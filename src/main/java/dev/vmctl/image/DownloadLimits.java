package dev.vmctl.image;

import java.time.Duration;

/**
 * How long a download waits.
 *
 * @param connect for a connection
 * @param stalled for the answer to begin, and then for each next piece of it
 */
public record DownloadLimits(Duration connect, Duration stalled) {
  /** For people's networks: 10 s to connect, 60 s of silence. */
  public static final DownloadLimits DEFAULT =
      new DownloadLimits(Duration.ofSeconds(10), Duration.ofSeconds(60));

  public DownloadLimits {
    if (!connect.isPositive() || !stalled.isPositive()) {
      throw new IllegalArgumentException("limits must be positive");
    }
  }
}
