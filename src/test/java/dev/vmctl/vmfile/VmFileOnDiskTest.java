package dev.vmctl.vmfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmctl.faults.Area;
import dev.vmctl.faults.Fault;
import dev.vmctl.faults.Seen;
import dev.vmctl.model.Diagnostic;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A path given to the reader may lead to anything. */
@Timeout(30)
class VmFileOnDiskTest {
  private static final String VALID = "vm \"a\" { image \"a\" }\n";

  @TempDir private Path directory;
  private final VmFileReader reader = new VmFileReader(Path.of("/home/ann"));

  @Test
  void aFileIsReadWithItsStamp() throws IOException {
    Path file = Files.writeString(directory.resolve("a.kdl"), VALID);

    VmFile read = reader.read(file);

    assertThat(read.declarations()).hasSize(1);
    assertThat(read.stamp()).isEqualTo(FileStamp.of(file));
  }

  @Test
  @Fault(area = Area.VMFILE, value = "missing")
  void aMissingFileIsAFinding(Seen seen) {
    Diagnostic problem = problem(directory.resolve("a.kdl"));
    assertThat(problem.code()).isEqualTo("vmfile.not_found");
    show(seen, problem);
    assertThat(problem(directory.resolve("no/a.kdl")).code()).isEqualTo("vmfile.not_found");
  }

  @Test
  void aFileAsADirectoryIsAFinding() throws IOException {
    Path file = Files.writeString(directory.resolve("a.kdl"), VALID);

    assertThat(problem(file.resolve("b.kdl")).code()).isEqualTo("vmfile.not_found");
  }

  @Test
  @Fault(area = Area.VMFILE, value = "an image's path of ten megabytes")
  void aPathLongerThanAnyOfTheHostIsAFinding(Seen seen) throws IOException {
    String path = "a".repeat(10_000_000);
    show(seen, mistake("vm \"a\" { image \"" + path + "\" }\n", "vmfile.invalid_value"));
  }

  @Test
  @Fault(area = Area.VMFILE, value = "a mistake in a line of ten megabytes")
  void aMistakeInAVeryLongLineHasItsPlace(Seen seen) throws IOException {
    String comment = "/* " + "x".repeat(10_000_000) + " */";
    show(
        seen,
        mistake("vm \"a\" { image \"a\"; " + comment + " backend 1 }\n", "vmfile.wrong_type"));
  }

  private Diagnostic mistake(String text, String code) throws IOException {
    VmFile read = reader.read(Files.writeString(directory.resolve("a.kdl"), text));
    assertThat(read.isUsable()).isFalse();
    Diagnostic problem = read.diagnostics().getFirst();
    assertThat(problem.code()).isEqualTo(code);
    return problem;
  }

  @Test
  @Fault(area = Area.VMFILE, value = "a directory of its name")
  void aDirectoryIsAFinding(Seen seen) {
    Diagnostic problem = problem(directory);
    assertThat(problem.code()).isEqualTo("vmfile.not_a_file");
    show(seen, problem);
  }

  @Test
  void aPipeIsNeverOpened() throws Exception {
    Path pipe = directory.resolve("a.kdl");
    Process made = new ProcessBuilder("mkfifo", pipe.toString()).inheritIO().start();
    assertThat(made.waitFor(10, TimeUnit.SECONDS)).isTrue();

    assertThat(problem(pipe).code()).isEqualTo("vmfile.not_a_file");
  }

  @Test
  void aDeviceIsNeverOpened() {
    assertThat(problem(Path.of("/dev/zero")).code()).isEqualTo("vmfile.not_a_file");
  }

  @Test
  @Fault(area = Area.VMFILE, value = "larger than any VMFile")
  void aLargeFileIsRefusedUnread(Seen seen) throws IOException {
    Path file = directory.resolve("a.kdl");
    try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.setLength(1L << 40); // More than could be read within the time limit.
    }

    Diagnostic problem = problem(file);
    assertThat(problem.code()).isEqualTo("vmfile.too_large");
    show(seen, problem);
  }

  @Test
  void aFileOfTheLargestSizeIsRead() throws IOException {
    Path file = directory.resolve("a.kdl");
    Files.writeString(file, VALID + " ".repeat((int) VmFileReader.MAX_SIZE - VALID.length()));

    assertThat(reader.read(file).isUsable()).isTrue();
    Files.writeString(file, VALID + " ".repeat((int) VmFileReader.MAX_SIZE - VALID.length() + 1));
    assertThat(problem(file).code()).isEqualTo("vmfile.too_large");
  }

  @Test
  @Fault(area = Area.VMFILE, value = "a symbolic link to itself")
  void aLinkToItselfIsAFinding(Seen seen) throws IOException {
    Path link = directory.resolve("a.kdl");
    Files.createSymbolicLink(link, link);

    Diagnostic problem = problem(link);

    assertThat(problem.code()).isEqualTo("vmfile.unreadable");
    assertThat(problem.message()).contains("leads back to itself");
    show(seen, problem);
  }

  @Test
  void aLinkToNowhereIsAFinding() throws IOException {
    Path link = Files.createSymbolicLink(directory.resolve("a.kdl"), Path.of("nowhere"));

    assertThat(problem(link).code()).isEqualTo("vmfile.not_found");
  }

  @Test
  void aLinkToAFileIsRead() throws IOException {
    Files.writeString(directory.resolve("b"), VALID);
    Path link = Files.createSymbolicLink(directory.resolve("a.kdl"), Path.of("b"));

    assertThat(reader.read(link).isUsable()).isTrue();
  }

  @Test
  void aFileThatFailsWhileItIsReadIsAFinding() {
    assertThat(problem(Path.of("/proc/self/mem")).code()).isEqualTo("vmfile.unreadable");
  }

  @Test
  void aFileWithoutReadPermissionIsAFindingExceptToTheSuperuser() throws IOException {
    Path file = Files.writeString(directory.resolve("a.kdl"), VALID);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("---------"));

    if (Files.isReadable(file)) {
      assertThat(reader.read(file).isUsable()).isTrue();
    } else {
      assertThat(problem(file).code()).isEqualTo("vmfile.unreadable");
    }
  }

  @Test
  void aFileWrittenWhileItIsReadIsReadAgain() throws Exception {
    Path file = Files.writeString(directory.resolve("a"), "half");
    int[] reads = {0};

    SteadyFile<String> read =
        SteadyFile.read(
            file,
            100,
            in -> {
              String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
              if (reads[0]++ == 0) {
                Files.writeString(file, "half and the rest");
              }
              return text;
            });

    assertThat(reads[0]).isEqualTo(2);
    assertThat(read.content()).isEqualTo("half and the rest");
  }

  @Test
  void aFileThatNeverStandsStillIsGivenUp() throws IOException {
    Path file = Files.writeString(directory.resolve("a"), "");

    assertThatThrownBy(
            () ->
                SteadyFile.read(
                    file,
                    100,
                    in -> {
                      Files.writeString(file, Files.readString(file) + "x");
                      return "";
                    }))
        .isInstanceOfSatisfying(
            SteadyFile.Failure.class, e -> assertThat(e.code()).isEqualTo(VmFileCode.CHANGING));
  }

  private void show(Seen seen, Diagnostic problem) {
    seen.calling(directory, "<dir>").found(problem);
  }

  private Diagnostic problem(Path file) {
    VmFile read = reader.read(file);
    assertThat(read.isUsable()).isFalse();
    assertThat(read.declarations()).isEmpty();
    assertThat(read.diagnostics()).hasSize(1);
    Diagnostic problem = read.diagnostics().getFirst();
    assertThat(problem.help()).isNotEmpty();
    assertThat(problem.line()).isZero();
    return problem;
  }
}
