package dev.vmctl.model;

import java.util.Locale;

/** What a VM is seen to be doing. */
public enum VmState implements Worded {
  /** Declared; nothing has been made yet. */
  PENDING,
  /** Its disk and seed are being made. */
  CREATING,
  /** Its processor runs. */
  RUNNING,
  /** Its processor is frozen on purpose. */
  SUSPENDED,
  /** It has been asked to stop and has not yet. */
  STOPPING,
  /** It does not run, on purpose or by its own will. */
  STOPPED,
  /** It does not run and should. */
  FAILED,
  /** It is being removed. */
  DESTROYING,
  /** Its hypervisor does not answer: nothing is known, least of all that it stopped. */
  UNKNOWN;

  @Override
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
