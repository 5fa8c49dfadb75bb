package dev.vmctl.controller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmctl.image.ImageProgress;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class TransferTextTest {
  private Instant now = Instant.EPOCH.plusSeconds(1000);
  private final TransferText text = new TransferText(() -> now, "image a");

  private String at(double seconds, String phase, long done, long total) {
    now = Instant.EPOCH.plusSeconds(1000).plus(Duration.ofMillis((long) (seconds * 1000)));
    return text.of(new ImageProgress(phase, done, total));
  }

  @Test
  void itSaysHowMuchHowFastAndHowLong() {
    assertThat(at(0, "downloading", 0, 100_000_000))
        .isEqualTo("downloading 0 % of 100 MB: image a");
    assertThat(at(1, "downloading", 10_000_000, 100_000_000))
        .isEqualTo("downloading 10 % of 100 MB, 9 s left, 10.0 MB/s: image a");
    assertThat(at(2, "verifying", 0, 100_000_000)).isEqualTo("verifying 0 % of 100 MB: image a");
  }

  @Test
  void withoutAnEndThereIsNoTimeLeft() {
    assertThat(at(0, "building", 0, -1)).isEqualTo("building image a");
    assertThat(at(0, "downloading", 0, -1)).isEqualTo("downloading image a");
    assertThat(at(1, "downloading", 5_000_000, -1))
        .isEqualTo("downloading 5.0 MB, 5.0 MB/s: image a");
  }

  @Test
  void whatWasThereBeforeDoesNotCountAsSpeed() {
    at(0, "downloading", 90_000_000, 100_000_000);
    assertThat(at(1, "downloading", 91_000_000, 100_000_000))
        .endsWith(", 9 s left, 1.0 MB/s: image a");
  }

  @Test
  void longTimesAreInMinutesAndHours() {
    at(0, "downloading", 0, 100_000_000_000L);
    assertThat(at(1, "downloading", 1_000_000, 1_000_000_000L)).contains("16 min 39 s left");
    assertThat(at(2, "downloading", 2_000_000, 100_000_000_000L))
        .contains("% of 100.0 GB, 27 h 46 min left");
  }

  @Test
  void whereItIsPlainOfWhatItIsNotSaid() {
    TransferText brief = new TransferText(() -> now, null);
    assertThat(brief.of(new ImageProgress("downloading", 1_000_000, 2_000_000)))
        .isEqualTo("downloading 50 % of 2.0 MB");
    assertThat(brief.of(new ImageProgress("waiting", 0, -1)))
        .isEqualTo("waiting for another process that has begun with it");
  }
}
