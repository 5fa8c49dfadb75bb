package dev.vmctl.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmctl.MountedFileSystem;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AppendedLogTest {
  private static final int MEGABYTE = 1 << 20;

  @TempDir Path directory;

  @Test
  void aLogThatIsTooLongGivesItsBeginningBackAndKeepsTheOffsetsOfTheRest() throws Exception {
    Path log = log(3 * MEGABYTE);

    AppendedLog.bound(log, 2 * MEGABYTE);

    assertThat(Files.size(log)).isEqualTo(3 * MEGABYTE);
    assertThat(FileExtents.dataBytes(log)).isEqualTo(MEGABYTE);
    assertThat(AppendedLog.start(log)).isEqualTo(2 * MEGABYTE);
    assertThat(at(log, 2 * MEGABYTE + 5)).isEqualTo((byte) 'x');
    assertThat(AppendedLog.next(log, 2 * MEGABYTE + 5)).isEqualTo(2 * MEGABYTE + 5);
    assertThat(AppendedLog.next(log, 3 * MEGABYTE)).isEqualTo(3 * MEGABYTE);
  }

  @Test
  void itsWriterGoesOnWhereItWasAndItIsBoundedAgain() throws Exception {
    Path log = log(3 * MEGABYTE);
    try (FileChannel writer = FileChannel.open(log, StandardOpenOption.APPEND)) {
      for (int round = 1; round < 5; round++) {
        AppendedLog.bound(log, 2 * MEGABYTE);
        writer.write(ByteBuffer.wrap("y".repeat(2 * MEGABYTE).getBytes(StandardCharsets.UTF_8)));
        assertThat(Files.size(log)).isEqualTo((3L + 2L * round) * MEGABYTE);
        assertThat(FileExtents.dataBytes(log)).isEqualTo(3 * MEGABYTE);
      }
    }
  }

  @Test
  void aLogThatIsShortOrNotThereIsLeftAlone() throws Exception {
    Path log = log(2 * MEGABYTE);
    AppendedLog.bound(log, 2 * MEGABYTE);
    AppendedLog.bound(directory.resolve("none"), MEGABYTE);
    assertThat(FileExtents.dataBytes(log)).isEqualTo(2 * MEGABYTE);
    assertThat(directory.resolve("none")).doesNotExist();
  }

  @Test
  void aFileSystemInMemoryCanDoIt() throws Exception {
    try (MountedFileSystem memory = MountedFileSystem.small(directory.resolve("memory"), "8m")) {
      Path log = memory.root().resolve("log");
      Files.write(log, new byte[3 * MEGABYTE]);
      AppendedLog.bound(log, 2 * MEGABYTE);
      assertThat(FileExtents.dataBytes(log)).isEqualTo(MEGABYTE);
    }
  }

  private Path log(int length) throws IOException {
    return Files.writeString(directory.resolve("log"), "x".repeat(length));
  }

  private static byte at(Path file, long offset) throws IOException {
    ByteBuffer one = ByteBuffer.allocate(1);
    try (FileChannel channel = FileChannel.open(file)) {
      channel.read(one, offset);
    }
    return one.get(0);
  }
}
