package dev.vmctl.vmfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VmFileDiscoveryTest {
  @TempDir private Path directory;

  @Test
  void withoutAFileGivenItIsTheOneOfTheDirectory() throws IOException {
    Path file = Files.createFile(directory.resolve("VMFile.kdl"));

    assertThat(VmFileDiscovery.find(null, directory)).isEqualTo(file);
  }

  @Test
  void aFileGivenStartsAtTheDirectory() throws IOException {
    Path file = Files.createFile(directory.resolve("other.kdl"));

    assertThat(VmFileDiscovery.find(Path.of("other.kdl"), directory)).isEqualTo(file);
    assertThat(VmFileDiscovery.find(file, Path.of("/"))).isEqualTo(file);
  }

  @Test
  void whereThereIsNoneThereIsHelp() {
    assertNotFound(null, "there is no VMFile.kdl in " + directory);
    assertNotFound(Path.of("x.kdl"), "there is no file " + directory.resolve("x.kdl"));
    assertNotFound(directory, directory + " is a directory, not a VMFile");
  }

  private void assertNotFound(@Nullable Path given, String message) {
    assertThatThrownBy(() -> VmFileDiscovery.find(given, directory))
        .isInstanceOfSatisfying(
            VmException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.VMFILE_NOT_FOUND);
              assertThat(e.getMessage()).isEqualTo(message);
              assertThat(e.help()).isNotEmpty();
            });
  }

  @ParameterizedTest
  @ValueSource(strings = {"VMFile.kdl", "web.kdl", "a b.kdl", "ä.kdl", "a.b.kdl"})
  void vmFilesAreKnownByTheirName(String name) {
    assertThat(VmFileDiscovery.isVmFileName(name)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        ".kdl", ".web.kdl", "web.kdl~", "#web.kdl#", ".web.kdl.swp", ".#web.kdl", "4913",
        "web.kdl.bak", "web.KDL", "webkdl", "~web.kdl", "web.kdl.tmp", "VMFile",
            ".web.kdl.kate-swp",
      })
  void leftoversAreNot(String name) {
    assertThat(VmFileDiscovery.isVmFileName(name)).isFalse();
  }

  @Test
  void aListIsSortedAndStaysInTheDirectory() throws IOException {
    Files.createDirectories(directory.resolve("below"));
    for (String name : new String[] {"b.kdl", "a.kdl", "a.kdl~", "below/c.kdl", "VMFile.kdl"}) {
      Files.createFile(directory.resolve(name));
    }

    assertThat(VmFileDiscovery.list(directory))
        .extracting(file -> file.getFileName().toString())
        .containsExactly("VMFile.kdl", "a.kdl", "b.kdl");
    assertThatThrownBy(() -> VmFileDiscovery.list(directory.resolve("gone")))
        .isInstanceOf(NoSuchFileException.class);
  }
}
