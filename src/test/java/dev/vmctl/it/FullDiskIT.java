package dev.vmctl.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmctl.MountedFileSystem;
import dev.vmctl.cli.SameProcess;
import dev.vmctl.faults.Area;
import dev.vmctl.faults.Fault;
import dev.vmctl.faults.Seen;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A file system that is full at one write after another of one command. */
@Timeout(300)
class FullDiskIT {
  private static final int PAGE = 4096;

  /** More than any of the commands here writes. */
  private static final int MOST_PAGES = 120;

  @TempDir Path directory;

  @Test
  @Fault(
      area = Area.DATA,
      value = "its file system is full at any write of `up`, `stop` or `destroy`")
  void whereverTheRoomEndsTheSameCommandAgainEndsWell(Seen seen) throws Exception {
    Files.write(directory.resolve("blank.raw"), new byte[PAGE]);
    Files.writeString(
        directory.resolve("VMFile.kdl"),
        "vm \"a\" {\n  image \"blank.raw\"\n  accel \"tcg\"\n  disk \"1M\"\n  memory 16\n}\n");
    List<String> told = new ArrayList<>();
    try (MountedFileSystem small =
            MountedFileSystem.small(directory.resolve("mount").toAbsolutePath(), "16m");
        Installation vmctl = Installation.in(directory, "mount/data")) {
      for (List<String> command :
          List.of(
              List.of(
                  "up", "--timeout", "1s", "--file", directory.resolve("VMFile.kdl").toString()),
              List.of("stop", "--timeout", "0", "a"),
              List.of("destroy", "a"))) {
        told.addAll(tryWithMoreAndMoreRoom(vmctl, small.root(), command));
      }
      assertThat(told).hasSizeGreaterThan(12);
      assertThat(vmctl.list()).isEmpty();
      assertThat(leftovers(vmctl.data())).isEmpty();
      assertThat(vmctl.trash()).as("its disk").hasSize(1);
      assertThat(told).allSatisfy(each -> assertThat(each).contains("no space left"));
      seen.says(
          "what could not be written, with `no space left`; the same command again ends well");
    }
  }

  private List<String> tryWithMoreAndMoreRoom(Installation vmctl, Path root, List<String> command)
      throws IOException {
    List<String> told = new ArrayList<>();
    for (int pages = 0; pages < MOST_PAGES; pages++) {
      leave(root, pages);
      SameProcess.Ended ended = vmctl.here(command.toArray(String[]::new));
      Files.delete(root.resolve("filler"));
      // Nothing is started with so little room, so that is where 'up' ends with all its files made.
      if (ended.exitCode() == 0 || ended.err().contains("host.disk_low")) {
        return told;
      }
      told.add(ended.err());
    }
    throw new AssertionError(command + " never had enough room");
  }

  private static List<Path> leftovers(Path data) throws IOException {
    try (Stream<Path> files = Files.walk(data)) {
      return files.filter(file -> file.toString().matches(".*(tmp|part|sock|pid)")).toList();
    }
  }

  /** Leaves so many pages free. */
  private static void leave(Path root, int pages) throws IOException {
    Path spare = root.resolve("spare");
    Files.write(spare, new byte[pages * PAGE]);
    try (OutputStream out = Files.newOutputStream(root.resolve("filler"))) {
      byte[] page = new byte[PAGE];
      while (true) {
        out.write(page);
      }
    } catch (IOException full) {
      assertThat(full).hasMessageContaining("No space left");
    }
    Files.delete(spare);
  }
}
