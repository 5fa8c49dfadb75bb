package dev.vmctl.hypervisor.qemu;

import dev.vmctl.hypervisor.Observation;
import dev.vmctl.model.ExitReason;

/** What QEMU's run state means. */
final class RunState {
  private RunState() {}

  /**
   * @param status as {@code query-status} has it
   */
  static Observation observation(String status, long pid) {
    return switch (status) {
      // "suspended" is a guest that sleeps by its own will: its processors are ours to run.
      case "running", "suspended" -> new Observation.Running(pid);
      case "shutdown" -> new Observation.Exited(ExitReason.GUEST_SHUTDOWN);
      case "guest-panicked" -> new Observation.Exited(ExitReason.GUEST_PANIC);
      case "internal-error" -> new Observation.Exited(ExitReason.CRASH);
      case "paused",
          "prelaunch",
          "io-error",
          "watchdog",
          "debug",
          "save-vm",
          "restore-vm",
          "postmigrate",
          "finish-migrate" ->
          new Observation.Suspended(pid);
      default -> new Observation.Unknown("QEMU's run state is '" + status + "'");
    };
  }
}
