package dev.vmctl.model;

import java.util.Locale;

/** When a guest that ended by itself is started again. */
public enum RestartPolicy implements Worded {
  ALWAYS,
  /** After a crash or a panic, not after the guest powered itself off. */
  ON_FAILURE,
  NEVER;

  /**
   * Whether a guest that ended so is started again. What we stopped ourselves is not its matter.
   */
  public boolean bringsBack(ExitReason reason) {
    return switch (reason) {
      case STOPPED -> true;
      case GUEST_SHUTDOWN -> this == ALWAYS;
      case GUEST_PANIC, CRASH, HUNG -> this != NEVER;
    };
  }

  @Override
  public String text() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
