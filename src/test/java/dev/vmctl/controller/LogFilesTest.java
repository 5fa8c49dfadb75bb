package dev.vmctl.controller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmctl.api.LogChunk;
import dev.vmctl.api.LogKind;
import dev.vmctl.host.AppendedLog;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogFilesTest {
  private static final int LINES = 300_000;

  @TempDir Path directory;

  @Test
  void whoFollowsALogDoesNotNoticeThatItsBeginningIsGivenBack() throws Exception {
    Path log = log();
    long end = read(log, -10).next();

    AppendedLog.bound(log, 1 << 20);
    Files.writeString(log, "line next\n", StandardOpenOption.APPEND);

    assertThat(text(read(log, end))).isEqualTo("line next\n");
  }

  @Test
  void whatIsLeftOfALogIsReadFromItsFirstWholeLine() throws Exception {
    Path log = log();
    AppendedLog.bound(log, 1 << 20);

    LogChunk first = read(log, 0);

    assertThat(text(first)).startsWith("line ").contains("\nline ");
    assertThat(first.next()).isGreaterThan(AppendedLog.start(log));
    StringBuilder all = new StringBuilder(text(first));
    for (LogChunk more = read(log, first.next());
        more.data().length > 0;
        more = read(log, more.next())) {
      all.append(text(more));
    }
    assertThat(all).endsWith("line " + LINES + "\n").doesNotContain("\0");
  }

  @Test
  void zerosThatAGuestWroteAreShown() throws Exception {
    Path log = Files.write(directory.resolve("console.log"), new byte[] {0, 0, 'a'});
    assertThat(read(log, 0).data()).containsExactly(0, 0, 'a');
  }

  @Test
  void aLogThatWasBegunAnewIsReadFromItsStart() throws Exception {
    Path log = log();
    long end = read(log, -1).next();
    Files.writeString(log, "new\n", StandardOpenOption.TRUNCATE_EXISTING);
    assertThat(text(read(log, end))).isEqualTo("new\n");
  }

  @Test
  void whoWaitsGetsWhatComesNextAlsoOfALogThatIsNotThereYet() throws Exception {
    Path log = directory.resolve("console.log");
    FutureTask<LogChunk> waiting =
        new FutureTask<>(() -> LogFiles.read(log, 0, Duration.ofSeconds(50)));
    Thread.ofVirtual().start(waiting);
    Files.writeString(log, "first");
    assertThat(text(waiting.get(50, TimeUnit.SECONDS))).isEqualTo("first");
  }

  @Test
  void aProvisionLogBeginsWithTheStepThatWasAtWorkThen() throws Exception {
    Path log = directory.resolve("provision.log");
    String one = "=== 2026-01-31T12:00:00Z step 1 of 2\nmuch \u00fc\n=== no time\n";
    Files.writeString(log, one + "=== 2026-01-31T12:05:00Z step 2 of 2\nmore\n");
    Files.setLastModifiedTime(log, FileTime.from(Instant.parse("2026-01-31T12:06:00Z")));
    long second = one.getBytes(StandardCharsets.UTF_8).length;

    assertThat(provisionedSince(log, "2026-01-31T11:00:00Z")).isZero();
    assertThat(provisionedSince(log, "2026-01-31T12:04:59Z")).isZero();
    assertThat(provisionedSince(log, "2026-01-31T12:05:30Z")).isEqualTo(second);
    assertThat(provisionedSince(log, "2026-01-31T12:06:01Z")).isEqualTo(Files.size(log));
    Path none = directory.resolve("none");
    assertThat(provisionedSince(none, "2026-01-31T12:06:01Z")).isZero();
  }

  private static long provisionedSince(Path log, String moment) {
    return LogFiles.since(log, LogKind.PROVISION, Instant.parse(moment));
  }

  private Path log() throws Exception {
    StringBuilder lines = new StringBuilder();
    for (int line = 1; line <= LINES; line++) {
      lines.append("line ").append(line).append('\n');
    }
    return Files.writeString(directory.resolve("console.log"), lines);
  }

  private static LogChunk read(Path log, long offset) {
    return LogFiles.read(log, offset, Duration.ZERO);
  }

  private static String text(LogChunk chunk) {
    return new String(chunk.data(), StandardCharsets.UTF_8);
  }
}
