package dev.vmctl.model;

import java.util.Locale;

/** What to do when a VM with a new disk is not ready in time. */
public enum OnFailedReplace implements Worded {
  /** The new VM is kept; the way back is shown. */
  OFFER,
  /** The old disk and declaration are put back. */
  RESTORE;

  @Override
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
