package dev.vmctl.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmctl.MountedFileSystem;
import dev.vmctl.host.FileExtents.Extent;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileExtentsTest {
  private static final int MEGABYTE = 1 << 20;

  @TempDir Path directory;

  @Test
  void runsOfDataAreToldFromHoles() throws Exception {
    Path file = directory.resolve("sparse");
    try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
      out.setLength(64L * MEGABYTE);
      out.seek(16L * MEGABYTE);
      out.write(new byte[MEGABYTE]);
    }
    Extent data = new Extent(16L * MEGABYTE, 17L * MEGABYTE);
    try (FileExtents extents = FileExtents.open(file)) {
      assertThat(extents.next(0)).contains(data);
      assertThat(extents.next(16L * MEGABYTE + 4096))
          .contains(new Extent(16L * MEGABYTE + 4096, data.end()));
      assertThat(extents.next(data.end())).isEmpty();
      assertThat(extents.next(1L << 40)).isEmpty();
    }
    assertThat(FileExtents.dataBytes(file)).isEqualTo(MEGABYTE);
  }

  @Test
  void anEmptyFileHoldsNothingAndAMissingOneIsAnError() throws Exception {
    assertThat(FileExtents.dataBytes(Files.createFile(directory.resolve("empty")))).isZero();
    assertThatThrownBy(() -> FileExtents.open(directory.resolve("no")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("errno 2");
  }

  @Test
  void aCloneHasTheContentWithoutTakingSpaceAndKeepsItWhenTheOriginalChanges() throws Exception {
    try (MountedFileSystem shared = MountedFileSystem.sharing(directory)) {
      Path original = shared.root().resolve("original");
      byte[] content = new byte[32 * MEGABYTE];
      content[5] = 7;
      Files.write(original, content);
      Path clone = shared.root().resolve("clone");
      assertThat(FileClones.tryClone(original, clone)).isTrue();
      assertThat(clone).hasBinaryContent(content);

      Files.write(original, new byte[] {1, 2, 3});

      assertThat(clone).hasBinaryContent(content);
    }
  }

  @Test
  void aCloneAcrossFileSystemsIsNotPossibleAndNoError() throws Exception {
    try (MountedFileSystem other = MountedFileSystem.small(directory.resolve("other"), "1m")) {
      Path original = Files.writeString(directory.resolve("original"), "x");
      assertThat(FileClones.tryClone(original, other.root().resolve("clone"))).isFalse();
    }
  }
}
