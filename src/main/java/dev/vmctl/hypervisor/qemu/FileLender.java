package dev.vmctl.hypervisor.qemu;

import dev.vmctl.host.AtomicFiles;
import dev.vmctl.host.ProcessUser;
import dev.vmctl.hypervisor.VmHandle;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Lets a QEMU that runs as a lesser user than root open further files. All that it has from its
 * start it opened before it became that user, so nothing of ours belongs to it; a file that it is
 * to open later is its own for the moment of the opening. Directories of the VM that are on the way
 * let its group pass from then on, without showing what is in them.
 */
final class FileLender {
  private static final int GROUP_MAY = 070;

  private final @Nullable ProcessUser borrower;
  private final List<Path> ours;

  /**
   * @param user whose rights the VM's process has; null for our own
   */
  FileLender(VmHandle vm, @Nullable ProcessUser user) {
    borrower = user;
    // The data directory is two above the VM's; the run directory may be elsewhere.
    Path data = vm.directory().resolve("../..").normalize();
    ours = List.of(data, vm.runDirectory());
  }

  /** What QEMU does with a file. */
  interface Opening {
    void run() throws InterruptedException;
  }

  /**
   * @throws VmException qmp.command_failed when there is no way to the file for QEMU
   */
  void whileLent(Path file, Opening opening) throws InterruptedException {
    if (borrower == null || borrower.isRoot()) {
      opening.run();
      return;
    }
    Path real = real(file);
    for (Path place = real.getParent(); place != null; place = place.getParent()) {
      letPass(place, borrower);
    }
    int owner = own(real, borrower.uid());
    try {
      opening.run();
    } finally {
      own(real, owner);
    }
  }

  private static int own(Path file, int user) {
    try {
      int before = (int) Files.getAttribute(file, "unix:uid");
      Files.setAttribute(file, "unix:uid", user);
      return before;
    } catch (IOException e) {
      throw AtomicFiles.failure("lend", file, e);
    }
  }

  private void letPass(Path directory, ProcessUser user) {
    if (user.mayPass(directory)) {
      return;
    }
    try {
      int mode = (int) Files.getAttribute(directory, "unix:mode");
      if (ours.stream().map(FileLender::real).noneMatch(directory::startsWith)
          || (mode & GROUP_MAY) != 0) {
        throw new VmException(
            ErrorCode.QMP_COMMAND_FAILED,
            "QEMU runs as user " + user.uid() + ", who may not pass " + directory,
            "let it: chmod o+x " + directory + "; or have the data elsewhere, as with --system");
      }
      Files.setAttribute(directory, "unix:gid", user.gid());
      Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(directory);
      permissions.add(PosixFilePermission.GROUP_EXECUTE);
      Files.setPosixFilePermissions(directory, permissions);
    } catch (IOException e) {
      throw AtomicFiles.failure("let QEMU pass", directory, e);
    }
  }

  private static Path real(Path path) {
    try {
      return path.toRealPath();
    } catch (IOException e) {
      throw AtomicFiles.failure("find", path, e);
    }
  }
}
