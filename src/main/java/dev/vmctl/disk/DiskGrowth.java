package dev.vmctl.disk;

import dev.vmctl.host.HostProcesses;
import dev.vmctl.host.ToolResult;
import dev.vmctl.host.ToolRun;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** Makes existing disks larger with QEMU's tool, which takes the lock a running QEMU would hold. */
final class DiskGrowth {
  private static final Duration DEADLINE = Duration.ofSeconds(60);

  private final HostProcesses processes;

  DiskGrowth(HostProcesses processes) {
    this.processes = processes;
  }

  /**
   * @param current size of the disk now, bytes
   * @param wanted bytes, a multiple of a sector; nothing happens when it is that already
   */
  void grow(Path disk, long current, long wanted) {
    if (wanted < current) {
      refuseShrinking(disk, current, wanted);
    }
    if (wanted > current) {
      ToolResult result = resize(disk, wanted);
      if (!result.succeeded()) {
        throw failure(disk, wanted, result.errors().strip());
      }
    }
  }

  static void refuseShrinking(Path disk, long current, long wanted) {
    throw new VmException(
        ErrorCode.DISK_SHRINK,
        "the disk " + disk + " has " + current + " bytes and is not shrunk to " + wanted,
        "declare its size as it is, or a larger one; a smaller disk needs a new VM");
  }

  private ToolResult resize(Path disk, long wanted) {
    List<String> command =
        List.of(
            "qemu-img",
            "resize",
            "-q",
            "-f",
            "qcow2",
            disk.toAbsolutePath().toString(),
            Long.toString(wanted));
    try {
      return processes.run(new ToolRun(command, DEADLINE));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new VmException(
          ErrorCode.IO, "interrupted while the disk " + disk + " grew", "try again", e);
    } catch (VmException e) {
      if (e.code() != ErrorCode.IO) {
        throw e;
      }
      throw new VmException(
          ErrorCode.QEMU_NOT_FOUND,
          "qemu-img is needed to make a disk larger: " + e.getMessage(),
          "install it: apt-get install qemu-utils",
          e);
    }
  }

  private static VmException failure(Path disk, long wanted, String errors) {
    String text = errors.toLowerCase(Locale.ROOT);
    String message = "cannot make the disk " + disk + " " + wanted + " bytes large: " + errors;
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
