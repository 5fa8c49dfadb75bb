package dev.vmctl.model;

import java.util.Locale;

/** Which hypervisor runs a VM. */
public enum BackendTag implements Worded {
  NOOP,
  QEMU,
  PROPOLIS,
  BHYVE;

  @Override
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
