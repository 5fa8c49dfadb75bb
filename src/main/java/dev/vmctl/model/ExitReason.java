package dev.vmctl.model;

/** Why a VM no longer runs. */
public enum ExitReason implements Worded {
  /** The guest powered itself off. */
  GUEST_SHUTDOWN("GuestShutdown"),
  /** The guest's kernel panicked. */
  GUEST_PANIC("GuestPanic"),
  /** The hypervisor's process ended without the guest or us asking for it. */
  CRASH("Crash"),
  /** We stopped it because its liveness had failed. */
  HUNG("LivenessFailed"),
  /** We stopped it: a person asked, or a change needed it. */
  STOPPED("Stopped");

  private final String text;

  ExitReason(String text) {
    this.text = text;
  }

  /** As used for condition and event reasons. */
  @Override
  public String text() {
    return text;
  }
}
