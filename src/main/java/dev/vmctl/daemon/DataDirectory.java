package dev.vmctl.daemon;

import dev.vmctl.host.AtomicFiles;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.stream.Stream;

/** Keeps the data directory to its owner: whoever can reach the socket in it commands the VMs. */
final class DataDirectory {
  static final Set<PosixFilePermission> OWNER_ONLY =
      Set.copyOf(PosixFilePermissions.fromString("rwx------"));
  static final FileAttribute<Set<PosixFilePermission>> PRIVATE =
      PosixFilePermissions.asFileAttribute(OWNER_ONLY);

  /** Its name in the directory; nothing but a data directory has one. */
  static final String ENGINE_LOCK = "engine.lock";

  private DataDirectory() {}

  /**
   * Makes the directory, or closes it to others if it is empty or already ours.
   *
   * @throws VmException IO when it cannot be made, or when it is a directory of something else that
   *     others may enter
   */
  static void prepare(Path directory) {
    try {
      Files.createDirectories(directory, PRIVATE);
      if (Files.getPosixFilePermissions(directory).equals(OWNER_ONLY)) {
        return;
      }
      if (!isOurs(directory)) {
        throw new VmException(
            ErrorCode.IO,
            directory + " is open to others and holds files that are not vmctl's",
            "name a directory of its own with --data-dir, or run: chmod 700 " + directory);
      }
      Files.setPosixFilePermissions(directory, OWNER_ONLY);
    } catch (IOException e) {
      throw AtomicFiles.failure("use the data directory", directory, e);
    }
  }

  private static boolean isOurs(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return Files.exists(directory.resolve(ENGINE_LOCK)) || files.findAny().isEmpty();
    }
  }
}
