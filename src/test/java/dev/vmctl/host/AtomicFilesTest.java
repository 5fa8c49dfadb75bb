package dev.vmctl.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFilesTest {
  @TempDir Path directory;

  @Test
  void aFileIsReplacedWholeAndNothingElseIsLeft() throws Exception {
    Path file = directory.resolve("a");
    AtomicFiles.write(file, "one, and long", AtomicFiles.Access.EVERYBODY);
    AtomicFiles.write(file, "two", AtomicFiles.Access.EVERYBODY);

    assertThat(file).hasContent("two");
    try (var files = Files.list(directory)) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void whatAKilledWriterLeftGoesWithTheNextWriteAndALivingOneIsNotDisturbed() throws Exception {
    Process killed = new ProcessBuilder("true").start();
    assertThat(killed.waitFor()).isZero();
    Path file = directory.resolve("a");
    Path ofLiving = leftover("a", ProcessHandle.current().pid());
    Path ofAnotherFile = leftover("a.b", killed.pid());
    leftover("a", killed.pid());

    AtomicFiles.write(file, "whole", AtomicFiles.Access.OWNER);

    try (var files = Files.list(directory)) {
      assertThat(files).containsExactlyInAnyOrder(file, ofLiving, ofAnotherFile);
    }
  }

  private Path leftover(String file, long pid) throws Exception {
    String name = "." + file + "." + pid + "." + UUID.randomUUID() + ".tmp";
    return Files.writeString(directory.resolve(name), "ha");
  }

  @Test
  void theAccessIsThatAskedForWhateverTheOldFileHad() throws Exception {
    Path file = Files.writeString(directory.resolve("key"), "old");
    AtomicFiles.write(file, "secret", AtomicFiles.Access.OWNER);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    AtomicFiles.write(file, "open", AtomicFiles.Access.EVERYBODY);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-r--r--");
  }

  @Test
  void aMissingDirectoryIsAnErrorThatNamesTheFile() {
    assertThatThrownBy(
            () -> AtomicFiles.write(directory.resolve("no/a"), "x", AtomicFiles.Access.EVERYBODY))
        .isInstanceOfSatisfying(
            VmException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.IO);
              assertThat(e.getMessage()).contains("no/a");
            });
  }

  @Test
  void aFullDiskIsToldApartAndTheOldFileStays() throws Exception {
    LinuxHostProcesses processes = new LinuxHostProcesses();
    Path small = Files.createDirectory(directory.resolve("small"));
    Duration deadline = Duration.ofSeconds(10);
    ToolResult mount =
        processes.run(
            new ToolRun(
                List.of("mount", "-t", "tmpfs", "-o", "size=64k", "none", small.toString()),
                deadline));
    assumeThat(mount.succeeded()).as("may mount: " + mount.errors()).isTrue();
    try {
      Path file = small.resolve("a");
      AtomicFiles.write(file, "old", AtomicFiles.Access.OWNER);

      assertThatThrownBy(() -> AtomicFiles.write(file, new byte[1 << 20], AtomicFiles.Access.OWNER))
          .isInstanceOfSatisfying(
              VmException.class,
              e -> {
                assertThat(e.code()).isEqualTo(ErrorCode.DISK_FULL);
                assertThat(e.getMessage()).contains(file.toString());
              });
      assertThat(file).hasContent("old");
      try (var files = Files.list(small)) {
        assertThat(files).containsExactly(file);
      }
    } finally {
      processes.run(new ToolRun(List.of("umount", small.toString()), deadline));
    }
  }

  @Test
  void aFailureSaysWhyInWordsAndNamesEachFileOnce() {
    Path file = directory.resolve("a");
    Path other = directory.resolve("b");
    assertThat(told(file, new NoSuchFileException(file.toString())))
        .isEqualTo("cannot read " + file + ": no such file or directory");
    assertThat(told(file, new AccessDeniedException(other.toString())))
        .isEqualTo("cannot read " + file + ": " + other + ": permission denied");
    assertThat(told(file, new FileSystemException(file.toString(), other.toString(), "Is busy")))
        .isEqualTo("cannot read " + file + ": " + file + " -> " + other + ": Is busy");
    assertThat(told(file, new IOException("it broke off")))
        .isEqualTo("cannot read " + file + ": it broke off");
  }

  private static String told(Path file, IOException cause) {
    return AtomicFiles.failure("read", file, cause).getMessage();
  }
}
