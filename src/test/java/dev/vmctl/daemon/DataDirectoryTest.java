package dev.vmctl.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmctl.model.VmException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataDirectoryTest {
  @Test
  void aNewOneIsItsOwnersAlone(@TempDir Path root) throws IOException {
    Path data = root.resolve("a/b");
    DataDirectory.prepare(data);
    assertThat(permissions(data)).isEqualTo("rwx------");
  }

  @Test
  void anEmptyOneIsClosedToOthers(@TempDir Path root) throws IOException {
    Path data = open(root);
    DataDirectory.prepare(data);
    assertThat(permissions(data)).isEqualTo("rwx------");
  }

  @Test
  void oursIsClosedToOthersAgain(@TempDir Path root) throws IOException {
    Path data = open(root);
    Files.createFile(data.resolve("engine.lock"));
    DataDirectory.prepare(data);
    assertThat(permissions(data)).isEqualTo("rwx------");
  }

  @Test
  void aDirectoryOfSomethingElseIsLeftAsItIs(@TempDir Path root) throws IOException {
    Path data = open(root);
    Files.createFile(data.resolve("letter.txt"));
    assertThatThrownBy(() -> DataDirectory.prepare(data))
        .isInstanceOf(VmException.class)
        .hasMessageContaining("holds files that are not vmctl's");
    assertThat(permissions(data)).isEqualTo("rwxr-xr-x");
  }

  @Test
  void aFileInItsPlaceIsNamed(@TempDir Path root) throws IOException {
    Path data = Files.createFile(root.resolve("data"));
    assertThatThrownBy(() -> DataDirectory.prepare(data))
        .isInstanceOf(VmException.class)
        .hasMessageContaining(data.toString());
  }

  private static Path open(Path root) throws IOException {
    Path data = Files.createDirectory(root.resolve("data"));
    return Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private static String permissions(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }
}
