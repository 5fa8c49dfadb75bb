package dev.vmctl.api;

import java.util.Locale;

/** The logs a VM has. */
public enum LogKind {
  /** What the guest wrote to its serial console. */
  CONSOLE,
  /** What provision steps wrote. */
  PROVISION,
  /** What the hypervisor's process wrote. */
  HYPERVISOR;

  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
