package dev.vmctl.disk;

import dev.vmctl.host.AtomicFiles;
import dev.vmctl.qcow2.Qcow2Header;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Copies of whole disks, by QEMU's own tool. */
final class DiskCopies {
  /** A disk of a terabyte at 100 MB/s. */
  private static final Duration LONGEST_COPY = Duration.ofHours(3);

  private final QemuImg images;

  DiskCopies(QemuImg images) {
    this.images = images;
  }

  /**
   * Copies a disk, as it is or as a snapshot of it was, into a new file that appears whole or not
   * at all; a file that is there is taken for that copy.
   *
   * @param tag of the snapshot; null for the present, which nobody may write to meanwhile
   */
  void copy(Path disk, @Nullable String tag, Path target) {
    if (Files.exists(target)) {
      return;
    }
    Qcow2Header source = Qcow2Files.existing(disk);
    Path half = target.resolveSibling("." + target.getFileName() + ".copy");
    List<String> words = new ArrayList<>(List.of("convert", "-f", "qcow2", "-O", "qcow2"));
    if (tag != null) {
      // Nobody writes to what a snapshot holds, whoever has the disk open.
      words.addAll(List.of("-U", "-l", "snapshot.name=" + tag));
    }
    if (source.backingFile() != null && source.backingFormat() != null) {
      words.addAll(List.of("-B", source.backingFile(), "-F", source.backingFormat()));
    }
    words.addAll(List.of(disk.toAbsolutePath().toString(), half.toAbsolutePath().toString()));
    Path directory = Qcow2Files.makeParent(target);
    try {
      Files.deleteIfExists(half);
      AtomicFiles.createPrivate(half);
      images.run("copy the disk " + disk, LONGEST_COPY, words.toArray(String[]::new));
      try (FileChannel channel = FileChannel.open(half, StandardOpenOption.WRITE)) {
        channel.force(true);
      }
      Files.createLink(target, half);
      AtomicFiles.syncDirectory(directory);
    } catch (IOException e) {
      throw AtomicFiles.failure("make the disk", target, e);
    } finally {
      deleteHalf(half);
    }
  }

  private static void deleteHalf(Path half) {
    try {
      Files.deleteIfExists(half);
    } catch (IOException e) {
      throw AtomicFiles.failure("delete", half, e);
    }
  }

  /** Copies a disk with all that is under it into one private file. */
  void flatten(Path overlay, Path target) {
    AtomicFiles.createPrivate(target);
    images.run(
        "copy the disk " + overlay,
        LONGEST_COPY,
        "convert",
        "-f",
        "qcow2",
        "-O",
        "qcow2",
        LinkedDisks.real(overlay).toAbsolutePath().toString(),
        target.toAbsolutePath().toString());
  }
}
