package dev.vmctl.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.vmctl.MountedFileSystem;
import dev.vmctl.faults.Area;
import dev.vmctl.faults.Fault;
import dev.vmctl.faults.Seen;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A data directory that cannot be used: commands say so, questions are answered. */
class DataDirectoryFaultsIT {
  private static final String NOOP = "vm \"a\" {\n  backend \"noop\"\n}\n";

  @TempDir Path directory;
  private @Nullable Installation installation;

  @BeforeEach
  void install() throws IOException {
    installation = Installation.in(directory, "mount/data");
    Files.writeString(directory.resolve("VMFile.kdl"), NOOP);
  }

  @AfterEach
  void end() {
    vmctl().close();
  }

  @Test
  @Fault(area = Area.DATA, value = "its file system is full")
  void aFullFileSystemIsToldAndTheOldRecordStands(Seen seen) throws Exception {
    try (MountedFileSystem small = mount()) {
      vmctl().succeed("up");
      fill(small.root());

      Installation.Ended ended = vmctl().vmctl("stop", "a");

      show(seen, ended);
      assertThat(vmctl().status("a").path("state").asText()).isEqualTo("running");
      assertThat(leftovers()).isEmpty();
      Files.delete(small.root().resolve("filler"));
      vmctl().succeed("stop", "a");
    }
  }

  @Test
  @Fault(area = Area.DATA, value = "its file system is read-only")
  void aReadOnlyFileSystemIsToldAndQuestionsAreAnswered(Seen seen) throws Exception {
    try (MountedFileSystem small = mount()) {
      vmctl().succeed("up");
      small.readOnly();

      show(seen, vmctl().vmctl("stop", "a"));

      assertThat(vmctl().list()).hasSize(1);
      assertThat(vmctl().status("a").path("name").asText()).isEqualTo("a");
    }
  }

  @Test
  @Fault(area = Area.DATA, value = "it belongs to another user, and root runs vmctl")
  void anothersDirectoryIsLeftAlone(Seen seen) throws Exception {
    try (MountedFileSystem _ = mount()) {
      vmctl().succeed("up");
      chown("nobody");

      show(seen, vmctl().vmctl("up"));

      assertThat(vmctl().list()).hasSize(1);
      chown("root");
    }
  }

  @Test
  @Fault(area = Area.DATA, value = "a VM's record is of a newer format")
  void aNewerRecordIsLeftAloneAndTheOthersGoOn(Seen seen) throws Exception {
    vmctl().succeed("up");
    Path record = vmctl().data().resolve("vms/a/vm.json");
    String newer = Files.readString(record).replaceFirst("\"format\" : \\d+", "\"format\" : 99");
    Files.writeString(record, newer);
    Files.writeString(directory.resolve("b.kdl"), NOOP.replace("\"a\"", "\"b\""));

    for (List<String> command :
        List.of(
            List.of("up"),
            List.of("status", "a"),
            List.of("stop", "a"),
            List.of("destroy", "a"),
            List.of("list"))) {
      Installation.Ended ended = vmctl().vmctl(command.toArray(String[]::new));
      seen.calling(vmctl().data(), "<data>")
          .says(
              "vmctl " + String.join(" ", command),
              ended.out() + ended.err().strip() + "\nexit code " + ended.exitCode());
    }
    vmctl().succeed("up", "--file", "b.kdl");
    assertThat(vmctl().status("b").path("state").asText()).isEqualTo("running");
    assertThat(record).hasContent(newer);
  }

  private void show(Seen seen, Installation.Ended ended) {
    seen.calling(vmctl().data(), "<data>").ended(ended.exitCode(), ended.err());
    assertThat(ended.exitCode()).isEqualTo(1);
  }

  private MountedFileSystem mount() throws Exception {
    return MountedFileSystem.small(directory.resolve("mount").toAbsolutePath(), "4m");
  }

  private static void fill(Path root) throws IOException {
    byte[] block = new byte[4096];
    try (OutputStream out = Files.newOutputStream(root.resolve("filler"))) {
      while (true) {
        out.write(block);
      }
    } catch (IOException full) {
      assertThat(full).hasMessageContaining("No space left");
    }
  }

  private void chown(String user) throws Exception {
    Process chown =
        new ProcessBuilder("chown", "-R", user, vmctl().data().toString()).inheritIO().start();
    assumeThat(chown.waitFor()).isZero();
  }

  private List<String> leftovers() throws IOException {
    try (var files = Files.walk(vmctl().data())) {
      return files.map(Path::toString).filter(name -> name.endsWith(".tmp")).toList();
    }
  }

  private Installation vmctl() {
    return Objects.requireNonNull(installation);
  }
}
