package dev.vmctl.controller;

import dev.vmctl.model.ExitReason;
import dev.vmctl.store.VmRecord;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/** Tells people how a guest has ended, and what becomes of it. Pure. */
final class Endings {
  /** Why a guest that keeps ending by itself is not started at once. */
  static final String BACK_OFF = "CrashLoopBackOff";

  private Endings() {}

  /** How it ended last; empty when it did not. */
  static String message(VmRecord record) {
    if (record.lastExit() == null) {
      return "";
    }
    ExitReason reason = record.lastExit().reason();
    String how =
        switch (reason) {
          case GUEST_SHUTDOWN -> "its guest has powered itself off";
          case GUEST_PANIC -> "its guest's kernel has panicked";
          case CRASH -> "its hypervisor process was gone, and nobody had asked for that";
          case HUNG -> "its liveness had failed, and it was stopped";
          case STOPPED -> "stopped";
        };
    return record.staysEnded() ? how + "; 'vmctl start' brings it back" : how;
  }

  /**
   * Why it is left alone for a while.
   *
   * @param recent when it was brought back lately
   */
  static String backOff(List<Instant> recent, Instant due) {
    return "brought back "
        + (recent.size() == 1 ? "once" : recent.size() + " times")
        + " lately, it is started again at "
        + due.truncatedTo(ChronoUnit.SECONDS);
  }
}
