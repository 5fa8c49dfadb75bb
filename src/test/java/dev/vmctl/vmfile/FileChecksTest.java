package dev.vmctl.vmfile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmctl.model.Diagnostic;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileChecksTest {
  private static final String ALL =
      """
      vm "web" {
          image "image"
          kernel "kernel"
          initrd "initrd"
          cloud-init { ssh-key "key.pub"; user-data "data" }
          ssh { private-key "key" }
          provision "shell" { script "script" }
          provision "file" { source "source"; destination "/x" }
      }
      """;

  @TempDir private Path directory;

  @Test
  void everyFileThatIsNotThereIsNamedWithItsPlace() throws IOException {
    List<Diagnostic> found = check(ALL);

    assertThat(found).extracting(Diagnostic::code).containsOnly("vmfile.file_missing");
    assertThat(found).allMatch(Diagnostic::isError);
    assertThat(found)
        .extracting(problem -> problem.line() + ":" + problem.column() + " " + problem.length())
        .containsExactly(
            "2:11 7", "3:12 8", "4:12 8", "5:26 9", "5:47 6", "6:23 5", "7:32 8", "8:31 8");
    assertThat(found.getFirst().message())
        .isEqualTo(directory.resolve("image") + " does not exist");
  }

  @Test
  void nothingIsSaidWhenAllAreThere() throws IOException {
    for (String name :
        List.of("image", "kernel", "initrd", "key.pub", "data", "key", "script", "source")) {
      Files.writeString(directory.resolve(name), "x");
    }

    assertThat(check(ALL)).isEmpty();
  }

  @Test
  void aDirectoryIsNoFile() throws IOException {
    Files.createDirectory(directory.resolve("image"));

    assertThat(check("vm \"a\" { image \"image\" }"))
        .extracting(Diagnostic::message)
        .containsExactly(directory.resolve("image") + " is a directory");
  }

  @Test
  void aDeviceCanBeAnImageButNoScript() throws IOException {
    assertThat(check("vm \"a\" { image \"/dev/null\"; provision \"shell\" script=\"/dev/null\" }"))
        .extracting(Diagnostic::message)
        .containsExactly("/dev/null is a pipe, a socket or a device");
  }

  @Test
  void theHelpSaysWhichDirectoryIsMissing() throws IOException {
    assertThat(check("vm \"a\" { image \"imgs/a.qcow2\" }"))
        .extracting(Diagnostic::help)
        .first()
        .asString()
        .startsWith("there is no directory " + directory.resolve("imgs"));
  }

  @Test
  void manyMissingFilesAreBounded() throws IOException {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 300; i++) {
      text.append("vm \"v").append(i).append("\" { image \"x\" }\n");
    }

    assertThat(check(text.toString())).hasSize(Findings.LIMIT);
  }

  private List<Diagnostic> check(String text) throws IOException {
    Path file = Files.writeString(directory.resolve("VMFile.kdl"), text);
    VmFile read = new VmFileReader(Path.of("/home/ann")).read(file);
    assertThat(read.isUsable()).isTrue();
    return FileChecks.check(read);
  }
}
