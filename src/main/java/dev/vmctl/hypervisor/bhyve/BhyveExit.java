package dev.vmctl.hypervisor.bhyve;

import dev.vmctl.model.ExitReason;

/** What the exit codes of bhyve mean; see EXIT STATUS in bhyve(8). */
final class BhyveExit {
  private static final int REBOOTED = 0;
  private static final int POWERED_OFF = 1;
  private static final int HALTED = 2;
  private static final int TRIPLE_FAULT = 3;

  private BhyveExit() {}

  /** Why the VM no longer runs; a reboot ends it only when it was asked to stop meanwhile. */
  static ExitReason reason(int code) {
    return switch (code) {
      case REBOOTED, POWERED_OFF, HALTED -> ExitReason.GUEST_SHUTDOWN;
      case TRIPLE_FAULT -> ExitReason.GUEST_PANIC;
      // 4 is bhyve's own failure; 128 and more a signal's.
      default -> ExitReason.CRASH;
    };
  }
}
