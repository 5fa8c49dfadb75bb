package dev.vmctl.model;

import java.util.Set;

/** What a backend can do; plans and validation ask this before anything runs. */
public record Capabilities(Set<Capability> all) {
  /** One thing a backend may or may not do. */
  public enum Capability {
    SUSPEND,
    GRACEFUL_STOP,
    SERIAL_CONSOLE,
    VNC,
    USER_NETWORK,
    TAP_NETWORK,
    VNIC_NETWORK,
    UEFI,
    DIRECT_KERNEL,
    /** The VM has a disk made from an image. */
    DISK,
    /** The VM is a guest that can be reached by SSH. */
    GUEST
  }

  public Capabilities {
    all = Set.copyOf(all);
  }

  public boolean has(Capability capability) {
    return all.contains(capability);
  }
}
