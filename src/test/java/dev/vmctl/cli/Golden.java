package dev.vmctl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Outputs kept in {@code src/test/resources/cli}. They are rewritten, to be read before they are
 * committed, by a run with {@code -Dvmctl.golden=write}.
 */
final class Golden {
  private Golden() {}

  static void check(String name, String actual) throws IOException {
    Path file =
        Path.of(System.getProperty("vmctl.basedir", ""), "src/test/resources/cli", name + ".txt");
    if ("write".equals(System.getProperty("vmctl.golden"))) {
      Files.createDirectories(file.getParent());
      Files.writeString(file, actual);
    }
    assertThat(file).as("golden file").exists();
    assertThat(actual).as(name).isEqualTo(Files.readString(file));
  }
}
