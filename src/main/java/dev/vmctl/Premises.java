package dev.vmctl;

import dev.vmctl.host.AtomicFiles;
import dev.vmctl.host.ThisHost;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;

/** Makes a data directory ready for somebody who writes to it. */
final class Premises {
  private Premises() {}

  /**
   * Makes it when it is not there.
   *
   * @throws VmException io when it cannot be used, or belongs to another user: root, who could
   *     write there, would leave files that its owner cannot use
   */
  static void prepare(Path root, Path vms) {
    try {
      if (Files.isDirectory(root)) {
        refuseAnothers(root);
      }
      Files.createDirectories(
          vms, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    } catch (IOException e) {
      throw AtomicFiles.failure("use the data directory", root, e);
    }
  }

  /**
   * @throws VmException io when it belongs to another user
   */
  static void refuseAnothers(Path root) throws IOException {
    if (!ThisHost.owns(root)) {
      UserPrincipal owner = Files.getOwner(root);
      throw new VmException(
          ErrorCode.IO,
          "the data directory "
              + root
              + " belongs to "
              + owner.getName()
              + ", not to "
              + ThisHost.facts().userName(),
          "run vmctl as "
              + owner.getName()
              + " (sudo -u "
              + owner.getName()
              + " vmctl …), or name a directory of your own with --data-dir");
    }
  }
}
