package dev.vmctl.hypervisor.qemu;

import dev.vmctl.host.AtomicFiles;
import dev.vmctl.hypervisor.VmHandle;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;

/** Takes pictures of a VM's screen. */
final class QemuScreen {
  private QemuScreen() {}

  /**
   * A PNG; QEMU writes it to a file that only we and it may read, which is gone afterwards.
   *
   * @throws VmException backend.capability_missing when the VM has no screen, or this QEMU cannot
   *     write PNG (before 7.1, or built without libpng)
   */
  static byte[] shot(VmHandle vm, QemuLinks links, FileLender lender, Duration deadline)
      throws InterruptedException {
    Path file = vm.runFile(UUID.randomUUID().toString().substring(0, 8) + ".png");
    AtomicFiles.createPrivate(file);
    try {
      lender.whileLent(file, () -> draw(vm, links, file, deadline));
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw AtomicFiles.failure("read", file, e);
    } finally {
      delete(file);
    }
  }

  private static void draw(VmHandle vm, QemuLinks links, Path file, Duration deadline)
      throws InterruptedException {
    Map<String, String> where = Map.of("filename", file.toString(), "format", "png");
    try {
      links.look(vm, deadline, link -> link.execute("screendump", where, deadline));
    } catch (VmException e) {
      throw e.code() == ErrorCode.QMP_COMMAND_FAILED ? refused(vm, e) : e;
    }
  }

  private static VmException refused(VmHandle vm, VmException e) {
    return new VmException(
        ErrorCode.CAPABILITY_MISSING,
        "QEMU gives no picture of the screen of " + vm.name() + ": " + e.getMessage(),
        "it takes a QEMU from 7.1 on that was built with libpng; 'vmctl vnc "
            + vm.name()
            + "' shows the screen, too",
        e);
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw AtomicFiles.failure("delete", file, e);
    }
  }
}
