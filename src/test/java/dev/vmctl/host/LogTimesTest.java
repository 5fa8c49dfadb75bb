package dev.vmctl.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogTimesTest {
  private static final Instant NOON = Instant.parse("2026-01-31T12:00:00Z");
  @TempDir Path directory;

  private Path log() {
    return directory.resolve("console.log");
  }

  private void written(int bytes, Instant at) throws IOException {
    Files.writeString(
        log(), "x".repeat(bytes), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    Files.setLastModifiedTime(log(), FileTime.from(at));
    LogTimes.of(log()).mark(at);
  }

  private long since(Instant moment) throws IOException {
    return LogTimes.of(log()).since(moment);
  }

  @Test
  void whatWasWrittenSinceBeginsAtTheLastLookBefore() throws IOException {
    assertThat(since(NOON)).isZero();
    written(100, NOON);
    written(10, NOON.plusSeconds(60));
    written(10, NOON.plusSeconds(120));

    assertThat(since(NOON.minusSeconds(1))).isZero();
    assertThat(since(NOON)).isEqualTo(100);
    assertThat(since(NOON.plusSeconds(119))).isEqualTo(110);
    assertThat(since(NOON.plusSeconds(120))).isEqualTo(120);
    assertThat(since(NOON.plusSeconds(121))).isEqualTo(120);
  }

  @Test
  void aLogThatNobodyLookedAtIsShownWholeIfItWasWrittenSince() throws IOException {
    Files.writeString(log(), "abc");
    Files.setLastModifiedTime(log(), FileTime.from(NOON));
    assertThat(since(NOON)).isZero();
    assertThat(since(NOON.plusSeconds(1))).isEqualTo(3);
  }

  @Test
  void aLogThatWasBegunAnewHasTimesAnew() throws IOException {
    written(100, NOON);
    Files.delete(log());
    written(10, NOON.plusSeconds(60));
    written(10, NOON.plusSeconds(120));
    assertThat(since(NOON.plusSeconds(60))).isEqualTo(10);
    assertThat(since(NOON)).isZero();
  }

  @Test
  void timesAreBoundedAndTheLatestStay() throws IOException {
    for (int i = 0; i < 5000; i++) {
      written(1, NOON.plusSeconds(5L * i));
    }
    assertThat(Files.size(directory.resolve("console.log.times"))).isLessThan(200_000);
    assertThat(since(NOON.plusSeconds(5L * 4990))).isEqualTo(4991);
  }

  @Test
  void looksInAHurryAndHalfANoteAreNoNotes() throws IOException {
    written(100, NOON);
    written(10, NOON.plusSeconds(1));
    assertThat(Files.readAllLines(directory.resolve("console.log.times"))).hasSize(1);
    Files.writeString(directory.resolve("console.log.times"), "0000000", StandardOpenOption.APPEND);
    assertThat(since(NOON)).isEqualTo(100);
  }
}
