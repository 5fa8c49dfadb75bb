package dev.vmctl.disk;

import dev.vmctl.host.AtomicFiles;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import dev.vmctl.qcow2.Qcow2FormatException;
import dev.vmctl.qcow2.Qcow2Snapshot;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;

/**
 * Snapshots within a qcow2 file. They share clusters with the present, so taking one and going back
 * to it copies no content; and they cannot be parted from the disk they belong to.
 */
final class InternalSnapshots {
  /** Reference counts of a disk of many terabytes are rewritten. */
  private static final Duration DEADLINE = Duration.ofSeconds(60);

  private final QemuImg images;

  InternalSnapshots(QemuImg images) {
    this.images = images;
  }

  List<DiskSnapshot> of(Path disk) {
    try (FileChannel channel = FileChannel.open(disk, StandardOpenOption.READ)) {
      return Qcow2Snapshot.read(channel).stream()
          .map(each -> new DiskSnapshot(each.name(), each.memoryBytes(), each.virtualSize()))
          .toList();
    } catch (Qcow2FormatException e) {
      throw new VmException(
          ErrorCode.IMAGE_INVALID,
          "the snapshots of the disk " + disk + " cannot be read: it " + e.getMessage(),
          "it is left untouched; 'qemu-img check' tells more",
          e);
    } catch (IOException e) {
      throw AtomicFiles.failure("read the snapshots of", disk, e);
    }
  }

  boolean has(Path disk, String tag) {
    return of(disk).stream().anyMatch(each -> each.tag().equals(tag));
  }

  void take(Path disk, String tag) {
    if (!has(disk, tag)) {
      run("take a snapshot of", "-c", disk, tag);
    }
  }

  void revert(Path disk, String tag) {
    run("go back to a snapshot of", "-a", disk, tag);
  }

  void delete(Path disk, String tag) {
    if (has(disk, tag)) {
      run("delete a snapshot of", "-d", disk, tag);
    }
  }

  private void run(String what, String option, Path disk, String tag) {
    images.run(
        what + " the disk " + disk,
        DEADLINE,
        "snapshot",
        "--image-opts",
        option,
        tag,
        // What is freed goes back to the file system.
        "driver=qcow2,discard=unmap,file.driver=file,file.discard=unmap,file.filename="
            + disk.toAbsolutePath().toString().replace(",", ",,"));
  }
}
