package dev.vmctl.model;

import java.util.Objects;

/** How a VM is connected. */
public sealed interface NetworkSpec {
  /**
   * QEMU's user networking: no privilege, no address of its own; the SSH port is forwarded on
   * 127.0.0.1.
   */
  record User() implements NetworkSpec {
    @Override
    public String text() {
      return "user";
    }
  }

  /** A tap device on a bridge of the host. */
  record Tap(String bridge) implements NetworkSpec {
    /** The bridge when none is named. */
    public static final String DEFAULT_BRIDGE = "br0";

    public Tap {
      Objects.requireNonNull(bridge);
    }

    @Override
    public String text() {
      return "tap:" + bridge;
    }
  }

  /**
   * A network of the guests of this data directory only, which needs no privilege. As the only
   * network of a VM it comes beside {@link User}, or nobody could reach the guest.
   *
   * @param name of the network; guests on the same one meet
   */
  record Private(String name) implements NetworkSpec {
    public Private {
      if (!NicSpec.isName(name)) {
        throw new IllegalArgumentException("not a name of a private network: " + name);
      }
    }

    @Override
    public String text() {
      return "private:" + name;
    }
  }

  /** A VNIC of illumos. */
  record Vnic(String name) implements NetworkSpec {
    public Vnic {
      Objects.requireNonNull(name);
    }

    @Override
    public String text() {
      return "vnic:" + name;
    }
  }

  /** No network at all. */
  record None() implements NetworkSpec {
    @Override
    public String text() {
      return "none";
    }
  }

  /** Short form for tables and plans. */
  String text();
}
