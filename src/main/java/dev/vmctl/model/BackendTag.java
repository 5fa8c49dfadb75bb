package dev.vmctl.model;

import java.util.Locale;

/** Which hypervisor runs a VM. */
public enum BackendTag {
  NOOP,
  QEMU,
  PROPOLIS,
  BHYVE;

  /** As written in a VMFile and in output. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
