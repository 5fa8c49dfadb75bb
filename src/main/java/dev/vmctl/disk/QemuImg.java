package dev.vmctl.disk;

import dev.vmctl.host.HostProcesses;
import dev.vmctl.host.ToolResult;
import dev.vmctl.host.ToolRun;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** QEMU's own tool for disks. It takes the lock a running QEMU would hold. */
final class QemuImg {
  private final HostProcesses processes;

  QemuImg(HostProcesses processes) {
    this.processes = processes;
  }

  /**
   * Runs {@code qemu-img COMMAND ARGUMENTS}.
   *
   * @param what it does, for people: {@code copy the disk x}
   * @throws VmException vm.invalid_state when a QEMU has the disk open; disk.full; qemu.not_found
   *     when there is no such tool; io otherwise
   */
  void run(String what, Duration deadline, String... command) {
    List<String> all = new ArrayList<>(List.of("qemu-img"));
    all.addAll(List.of(command));
    ToolResult result = result(what, new ToolRun(all, deadline));
    if (!result.succeeded()) {
      throw failure("cannot " + what + ": " + result.errors().strip());
    }
  }

  private ToolResult result(String what, ToolRun run) {
    try {
      return processes.run(run);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new VmException(ErrorCode.IO, "interrupted: cannot " + what, "try again", e);
    } catch (VmException e) {
      if (e.code() != ErrorCode.IO) {
        throw e;
      }
      throw new VmException(
          ErrorCode.QEMU_NOT_FOUND,
          "cannot " + what + " without qemu-img: " + e.getMessage(),
          "install it: apt-get install qemu-utils",
          e);
    }
  }

  private static VmException failure(String message) {
    String text = message.toLowerCase(Locale.ROOT);
    if (text.contains("lock")) {
      return new VmException(
          ErrorCode.VM_INVALID_STATE, message, "its VM still runs: stop it first");
    }
    if (text.contains("no space left") || text.contains("quota exceeded")) {
      return new VmException(
          ErrorCode.DISK_FULL, message, "free some space on its file system and try again");
    }
    return new VmException(ErrorCode.IO, message, "'qemu-img check' tells whether it is damaged");
  }
}
