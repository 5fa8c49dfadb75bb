package dev.vmctl.disk;

import dev.vmctl.host.AtomicFiles;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import dev.vmctl.qcow2.Qcow2Header;
import dev.vmctl.qcow2.Qcow2Overlay;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes disks in this process: an overlay, and an empty disk too, is only a header. What is there
 * already is never replaced.
 */
final class NewDisks {
  private final DiskGrowth growth;

  NewDisks(DiskGrowth growth) {
    this.growth = growth;
  }

  /**
   * An overlay on an image, of this size or the image's; one that is there already stays as it is,
   * or grows.
   */
  void createOverlay(Path overlay, Disks.BaseImage base, @Nullable Long sizeBytes) {
    if (!Files.isRegularFile(base.path())) {
      throw gone(overlay, base);
    }
    if (sizeBytes != null && sizeBytes < base.sizeBytes()) {
      throw new VmException(
          ErrorCode.DISK_SHRINK,
          "a disk of "
              + sizeBytes
              + " bytes cannot hold its base image of "
              + base.sizeBytes()
              + " bytes",
          "declare a disk at least as large as the image, or no size at all");
    }
    long size = Qcow2Files.toSectors(sizeBytes == null ? base.sizeBytes() : sizeBytes);
    Optional<Qcow2Header> existing = Qcow2Files.header(overlay);
    if (existing.isEmpty()) {
      write(overlay, on(overlay, base, size));
      requireStillThere(overlay, base);
    } else {
      requireOverlayOn(overlay, base, existing.get());
      // Without a declared size a disk that was grown is as good as a new one.
      if (sizeBytes != null || existing.get().virtualSize() < size) {
        growth.grow(overlay, existing.get().virtualSize(), size);
      }
    }
  }

  /** A disk for data, empty or on an image; one that is there already stays, or grows. */
  void createData(Path disk, Disks.@Nullable BaseImage base, @Nullable Long sizeBytes) {
    Optional<Qcow2Header> existing = Qcow2Files.header(disk);
    if (existing.isPresent()) {
      if (sizeBytes != null) {
        growth.grow(
            LinkedDisks.real(disk), existing.get().virtualSize(), Qcow2Files.toSectors(sizeBytes));
      }
      return;
    }
    Qcow2Files.makeParent(disk);
    if (base != null) {
      createOverlay(disk, base, sizeBytes);
    } else {
      write(disk, empty(disk, Qcow2Files.toSectors(Objects.requireNonNull(sizeBytes))));
    }
  }

  private static Qcow2Overlay empty(Path disk, long size) {
    if (size > Qcow2Overlay.LARGEST) {
      throw tooLarge(disk, size);
    }
    return Qcow2Overlay.empty(size);
  }

  private static VmException tooLarge(Path disk, long size) {
    return failed(
        disk, size + " bytes are more than the format can hold", "choose a smaller disk", null);
  }

  /**
   * Who deletes images looks once more whether they are needed; so one of the two sees the other.
   */
  private static void requireStillThere(Path overlay, Disks.BaseImage base) {
    if (Files.isRegularFile(base.path())) {
      return;
    }
    try {
      Files.delete(overlay);
    } catch (IOException e) {
      throw AtomicFiles.failure("delete", overlay, e);
    }
    throw gone(overlay, base);
  }

  private static VmException gone(Path overlay, Disks.BaseImage base) {
    return failed(
        overlay,
        "its base image " + base.path() + " is gone",
        "it was deleted from the image cache; 'vmctl image pull' or the next 'up' gets it again",
        null);
  }

  private static void requireOverlayOn(Path overlay, Disks.BaseImage base, Qcow2Header header) {
    if (!header.isOverlayOn(base.path().toAbsolutePath().toString(), base.format())) {
      throw failed(
          overlay,
          "a disk is there already, and it is no overlay on " + base.path(),
          "it is left untouched; move it away, or recreate the VM",
          null);
    }
  }

  private static Qcow2Overlay on(Path overlay, Disks.BaseImage base, long size) {
    String backing = base.path().toAbsolutePath().toString();
    if (size > Qcow2Overlay.LARGEST) {
      throw tooLarge(overlay, size);
    }
    if (!Qcow2Overlay.fits(backing)) {
      throw failed(
          overlay,
          "the path of its base image has more than 1023 bytes",
          "choose a shorter data directory",
          null);
    }
    return new Qcow2Overlay(backing, base.format(), size);
  }

  private static void write(Path overlay, Qcow2Overlay content) {
    Path directory = Qcow2Files.parent(overlay);
    // One name: what a crash leaves here, the next attempt overwrites.
    Path temporary = directory.resolve("." + overlay.getFileName() + ".new");
    try {
      try {
        writeSynced(temporary, content);
        // A link, unlike a rename, can never replace a disk that appeared meanwhile.
        Files.createLink(overlay, temporary);
      } finally {
        Files.deleteIfExists(temporary);
      }
      AtomicFiles.syncDirectory(directory);
    } catch (IOException e) {
      VmException plain = AtomicFiles.failure("make the disk", overlay, e);
      throw plain.code() == ErrorCode.DISK_FULL
          ? plain
          : failed(overlay, reason(e), plain.help(), e);
    }
  }

  private static void writeSynced(Path file, Qcow2Overlay overlay) throws IOException {
    Files.deleteIfExists(file);
    Set<StandardOpenOption> options =
        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    try (FileChannel channel =
        FileChannel.open(
            file,
            options,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
      overlay.write(channel);
      channel.force(true);
    }
  }

  private static VmException failed(
      Path overlay, String why, String help, @Nullable Throwable cause) {
    return new VmException(
        ErrorCode.DISK_OVERLAY_FAILED, "cannot make the disk " + overlay + ": " + why, help, cause);
  }

  private static String reason(IOException e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }
}
