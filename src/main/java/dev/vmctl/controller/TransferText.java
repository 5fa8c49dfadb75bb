package dev.vmctl.controller;

import dev.vmctl.image.ImageProgress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Says how far a transfer is: how much of how much, how fast it is at present, and how long it will
 * still take. One for each transfer.
 */
final class TransferText {
  /** Over how long the rate is taken; shorter ones jump about. */
  private static final Duration WINDOW = Duration.ofSeconds(5);

  private final InstantSource clock;
  private final @Nullable String what;
  private String phase = "";
  private Instant since = Instant.EPOCH;
  private long from;
  private double bytesPerSecond = -1;

  /**
   * @param what is being transferred, such as {@code image https://…}; null where that is plain
   */
  TransferText(InstantSource clock, @Nullable String what) {
    this.clock = clock;
    this.what = what;
  }

  /** What to say now: first what changes, then, as it may be long, of what. */
  synchronized String of(ImageProgress progress) {
    measure(progress);
    String figures = figures(progress.doneBytes(), progress.totalBytes());
    String phase =
        progress.phase().equals("waiting")
            ? "waiting for another process that has begun with"
            : progress.phase();
    return figures.isEmpty()
        ? phase + " " + (what == null ? "it" : what)
        : phase + " " + figures + (what == null ? "" : ": " + what);
  }

  private String figures(long done, long total) {
    List<String> figures = new ArrayList<>();
    if (total > 0) {
      int percent = Math.min(100, (int) (done * 100.0 / total));
      figures.add(percent + " % of " + amount(total));
    } else if (done > 0) {
      figures.add(amount(done));
    }
    if (bytesPerSecond > 0 && done < total) {
      figures.add(time((long) Math.ceil((total - done) / bytesPerSecond)) + " left");
    }
    if (bytesPerSecond > 0 && done != total) {
      figures.add(amount((long) bytesPerSecond) + "/s");
    }
    return String.join(", ", figures);
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

  private static String amount(long bytes) {
    double megabytes = bytes / 1e6;
    return megabytes < 100
        ? String.format(Locale.ROOT, "%.1f MB", megabytes)
        : megabytes < 10_000
            ? String.format(Locale.ROOT, "%.0f MB", megabytes)
            : String.format(Locale.ROOT, "%.1f GB", megabytes / 1000);
  }

  private static String time(long seconds) {
    return seconds < 60
        ? seconds + " s"
        : seconds < 3600
            ? seconds / 60 + " min " + seconds % 60 + " s"
            : seconds / 3600 + " h " + seconds % 3600 / 60 + " min";
  }
}
