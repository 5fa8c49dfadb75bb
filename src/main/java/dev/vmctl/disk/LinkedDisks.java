package dev.vmctl.disk;

import dev.vmctl.host.AtomicFiles;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Disks that others have made and that stay where they are. A VM's directory names one by a
 * symbolic link in the place where its own disk would be: so it goes to the trash and comes back
 * with the directory, and what deletes that deletes the link.
 */
final class LinkedDisks {
  private LinkedDisks() {}

  /**
   * @throws VmException vm.invalid_state when something else is there
   */
  static void make(Path place, Path disk) {
    Path directory = Objects.requireNonNull(place.getParent());
    try {
      Files.createDirectories(
          directory,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      if (Files.exists(place) && Files.isSameFile(place, disk)) {
        return;
      }
      if (TrashCatalog.exists(place)) {
        throw new VmException(
            ErrorCode.VM_INVALID_STATE,
            "there is another disk already: " + place,
            "it is left untouched; move it away, or choose another name for the VM");
      }
      Files.createSymbolicLink(place, disk.toAbsolutePath());
      AtomicFiles.syncDirectory(directory);
    } catch (IOException e) {
      throw AtomicFiles.failure("name the disk " + disk + " in", directory, e);
    }
  }

  /** The file itself: what it says of images below it counts from where it is. */
  static Path real(Path disk) {
    try {
      return Files.isSymbolicLink(disk) && Files.exists(disk) ? disk.toRealPath() : disk;
    } catch (IOException e) {
      throw AtomicFiles.failure("read the disk", disk, e);
    }
  }

  static Map<String, Path> in(Path directory) {
    Map<String, Path> linked = new TreeMap<>();
    try (Stream<Path> files =
        Files.isDirectory(directory) ? Files.walk(directory) : Stream.<Path>empty()) {
      for (Path file : (Iterable<Path>) files.filter(Files::isSymbolicLink)::iterator) {
        linked.put(directory.relativize(file).toString(), real(file));
      }
      return linked;
    } catch (IOException e) {
      throw AtomicFiles.failure("read", directory, e);
    }
  }
}
