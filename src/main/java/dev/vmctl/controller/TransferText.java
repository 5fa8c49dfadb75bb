package dev.vmctl.controller;

import dev.vmctl.image.ImageProgress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Locale;

/**
 * Says how far a transfer is: how much of how much, how fast it is at present, and how long it will
 * still take. One for each transfer.
 */
final class TransferText {
  /** Over how long the rate is taken; shorter ones jump about. */
  private static final Duration WINDOW = Duration.ofSeconds(5);

  private final InstantSource clock;
  private final String what;
  private String phase = "";
  private Instant since = Instant.EPOCH;
  private long from;
  private double bytesPerSecond = -1;

  /**
   * @param what is being transferred, such as {@code image https://…}
   */
  TransferText(InstantSource clock, String what) {
    this.clock = clock;
    this.what = what;
  }

  /** What to say now. */
  synchronized String of(ImageProgress progress) {
    measure(progress);
    long done = progress.doneBytes();
    long total = progress.totalBytes();
    StringBuilder text = new StringBuilder(progress.phase()).append(' ');
    if (total > 0) {
      text.append(Math.min(100, (int) (done * 100.0 / total))).append(" % of ");
    }
    text.append(what);
    if (done > 0) {
      text.append(", ").append(megabytes(done));
      text.append(total > 0 ? " of " + megabytes(total) : "").append(" MB");
    }
    if (bytesPerSecond > 0 && done < total) {
      text.append(", ").append(megabytes((long) bytesPerSecond)).append(" MB/s, ");
      text.append(time((long) Math.ceil((total - done) / bytesPerSecond))).append(" left");
    }
    return text.toString();
  }

  private void measure(ImageProgress progress) {
    Instant now = clock.instant();
    long millis = Duration.between(since, now).toMillis();
    if (!progress.phase().equals(phase) || progress.doneBytes() < from) {
      phase = progress.phase();
      since = now;
      from = progress.doneBytes();
      bytesPerSecond = -1;
    } else if (millis >= 500) {
      double present = (progress.doneBytes() - from) * 1000.0 / millis;
      bytesPerSecond = bytesPerSecond < 0 ? present : (bytesPerSecond + present) / 2;
      if (millis >= WINDOW.toMillis()) {
        since = now;
        from = progress.doneBytes();
      }
    }
  }

  private static String megabytes(long bytes) {
    return String.format(Locale.ROOT, "%.1f", bytes / 1e6);
  }

  private static String time(long seconds) {
    return seconds < 60
        ? seconds + " s"
        : seconds < 3600
            ? seconds / 60 + " min " + seconds % 60 + " s"
            : seconds / 3600 + " h " + seconds % 3600 / 60 + " min";
  }
}
