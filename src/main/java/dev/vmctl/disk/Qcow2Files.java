package dev.vmctl.disk;

import dev.vmctl.host.AtomicFiles;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import dev.vmctl.qcow2.Qcow2FormatException;
import dev.vmctl.qcow2.Qcow2Header;
import dev.vmctl.qcow2.Qcow2Overlay;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/** The qcow2 files of disks, as they lie there. */
final class Qcow2Files {
  private static final FileAttribute<?> OWNER_DIRECTORY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

  private Qcow2Files() {}

  /** Empty when there is no such file. */
  static Optional<Qcow2Header> header(Path disk) {
    try (FileChannel channel = FileChannel.open(disk, StandardOpenOption.READ)) {
      return Optional.of(Qcow2Header.read(channel));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (Qcow2FormatException e) {
      throw new VmException(
          ErrorCode.IMAGE_INVALID,
          "the disk " + disk + " is damaged: it " + e.getMessage(),
          "it is left untouched; 'qemu-img check' tells more",
          e);
    } catch (IOException e) {
      throw AtomicFiles.failure("read the disk", disk, e);
    }
  }

  /**
   * Its header.
   *
   * @throws VmException DISK_MISSING without such a file
   */
  static Qcow2Header existing(Path disk) {
    return header(disk).orElseThrow(() -> missing(disk));
  }

  /** Bytes that its guest sees. */
  static long size(Path disk) {
    return existing(disk).virtualSize();
  }

  private static VmException missing(Path disk) {
    return new VmException(
        ErrorCode.DISK_MISSING,
        "the disk " + disk + " is gone",
        "look in 'vmctl trash list'; without it the VM has to be created anew");
  }

  /** QEMU rounds sizes up to whole sectors, and so do we. */
  static long toSectors(long bytes) {
    if (bytes < 0 || bytes > Long.MAX_VALUE - Qcow2Overlay.SECTOR) {
      throw new IllegalArgumentException("size " + bytes);
    }
    return (bytes + Qcow2Overlay.SECTOR - 1) / Qcow2Overlay.SECTOR * Qcow2Overlay.SECTOR;
  }

  /** Makes the directory of a disk, for its owner alone. */
  static Path makeParent(Path disk) {
    Path directory = parent(disk);
    try {
      return Files.createDirectories(directory, OWNER_DIRECTORY);
    } catch (IOException e) {
      throw AtomicFiles.failure("make", directory, e);
    }
  }

  static Path parent(Path file) {
    Path parent = file.toAbsolutePath().getParent();
    if (parent == null) {
      throw new IllegalArgumentException("not a file: " + file);
    }
    return parent;
  }
}
