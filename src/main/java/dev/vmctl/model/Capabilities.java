package dev.vmctl.model;

import static dev.vmctl.model.Capabilities.Capability.AGENT;
import static dev.vmctl.model.Capabilities.Capability.BIOS;
import static dev.vmctl.model.Capabilities.Capability.CONSOLE_LOG;
import static dev.vmctl.model.Capabilities.Capability.DIRECT_KERNEL;
import static dev.vmctl.model.Capabilities.Capability.DISK;
import static dev.vmctl.model.Capabilities.Capability.GRACEFUL_STOP;
import static dev.vmctl.model.Capabilities.Capability.GUEST;
import static dev.vmctl.model.Capabilities.Capability.LIVE_DEVICES;
import static dev.vmctl.model.Capabilities.Capability.LIVE_DISK;
import static dev.vmctl.model.Capabilities.Capability.LIVE_FORWARDS;
import static dev.vmctl.model.Capabilities.Capability.LIVE_MEMORY;
import static dev.vmctl.model.Capabilities.Capability.LIVE_VCPUS;
import static dev.vmctl.model.Capabilities.Capability.NO_NETWORK;
import static dev.vmctl.model.Capabilities.Capability.PRIVATE_NETWORK;
import static dev.vmctl.model.Capabilities.Capability.RAW_DISK;
import static dev.vmctl.model.Capabilities.Capability.SNAPSHOT;
import static dev.vmctl.model.Capabilities.Capability.SUSPEND;
import static dev.vmctl.model.Capabilities.Capability.TAP_NETWORK;
import static dev.vmctl.model.Capabilities.Capability.UEFI;
import static dev.vmctl.model.Capabilities.Capability.USER_NETWORK;
import static dev.vmctl.model.Capabilities.Capability.VNC;
import static dev.vmctl.model.Capabilities.Capability.VNIC_NETWORK;

import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;

/**
 * What a backend can do; plans and validation ask this before anything runs.
 *
 * @param console how its serial console is reached
 * @param maxVcpus most virtual processors of one VM
 */
public record Capabilities(Set<Capability> all, Console console, int maxVcpus) {
  /** One thing a backend may or may not do. */
  public enum Capability {
    SUSPEND("suspend"),
    /** A guest can be asked to shut down, by ACPI or over SSH. */
    GRACEFUL_STOP("graceful stop"),
    VNC("screen by VNC"),
    USER_NETWORK("network \"user\""),
    TAP_NETWORK("network \"tap\""),
    PRIVATE_NETWORK("network \"private\""),
    VNIC_NETWORK("network \"vnic\""),
    NO_NETWORK("network \"none\""),
    BIOS("boot by BIOS"),
    UEFI("boot by UEFI"),
    DIRECT_KERNEL("direct kernel boot"),
    /** The memory of a running guest can be changed. */
    LIVE_MEMORY("live change of memory"),
    /** Processors can be added to a running guest. */
    LIVE_VCPUS("live change of vcpus"),
    /** The disk of a running guest can grow. */
    LIVE_DISK("live growth of the disk"),
    /** Disks and cards can be plugged into a running guest, and unplugged. */
    LIVE_DEVICES("live change of disks and nics"),
    /** Forwarded ports can be changed while the guest runs. */
    LIVE_FORWARDS("live change of forwards"),
    /** The VM has a disk made from an image. */
    DISK("disk from an image"),
    /** That disk is a volume of ZFS or a raw file, never an overlay on an image. */
    RAW_DISK("raw disk"),
    /** Moments of the VM can be kept within its disks, and gone back to; its memory, too. */
    SNAPSHOT("snapshots"),
    /** The VM is a guest that can be reached by SSH. */
    GUEST("guest reached by SSH"),
    /** Guests have a channel for the QEMU guest agent. */
    AGENT("QEMU guest agent"),
    /** What a guest writes to its serial console is kept, to be read later and searched. */
    CONSOLE_LOG("log of the console");

    private final String text;

    Capability(String text) {
      this.text = text;
    }

    /** For messages and tables. */
    public String text() {
      return text;
    }
  }

  /** How a serial console is reached. */
  public enum Console {
    NONE("none"),
    UNIX_SOCKET("unix socket"),
    WEB_SOCKET("WebSocket"),
    /** A terminal device of the host. */
    TERMINAL("terminal device");

    private final String text;

    Console(String text) {
      this.text = text;
    }

    public String text() {
      return text;
    }
  }

  /** Processors of a propolis VM: propolis-server refuses more. */
  private static final int PROPOLIS_VCPUS = 32;

  /** The largest {@code vcpus} that a VMFile may say. */
  private static final int MOST_VCPUS = 255;

  public Capabilities {
    all = Set.copyOf(all);
    Objects.requireNonNull(console);
  }

  /**
   * What this backend can do on any host. Known without one, so that a VMFile can be checked
   * elsewhere than where it will run.
   */
  public static Capabilities of(BackendTag backend) {
    return switch (backend) {
      case NOOP ->
          new Capabilities(
              EnumSet.of(
                  SUSPEND,
                  GRACEFUL_STOP,
                  USER_NETWORK,
                  TAP_NETWORK,
                  PRIVATE_NETWORK,
                  VNIC_NETWORK,
                  NO_NETWORK,
                  BIOS,
                  UEFI,
                  DIRECT_KERNEL,
                  SNAPSHOT,
                  AGENT,
                  CONSOLE_LOG),
              Console.NONE,
              MOST_VCPUS);
      case QEMU ->
          new Capabilities(
              EnumSet.of(
                  SUSPEND,
                  GRACEFUL_STOP,
                  VNC,
                  USER_NETWORK,
                  TAP_NETWORK,
                  PRIVATE_NETWORK,
                  NO_NETWORK,
                  BIOS,
                  UEFI,
                  DIRECT_KERNEL,
                  DISK,
                  GUEST,
                  LIVE_MEMORY,
                  LIVE_VCPUS,
                  LIVE_DISK,
                  LIVE_DEVICES,
                  LIVE_FORWARDS,
                  SNAPSHOT,
                  AGENT,
                  CONSOLE_LOG),
              Console.UNIX_SOCKET,
              MOST_VCPUS);
      case PROPOLIS ->
          new Capabilities(
              EnumSet.of(
                  GRACEFUL_STOP,
                  VNC,
                  VNIC_NETWORK,
                  NO_NETWORK,
                  UEFI,
                  DISK,
                  RAW_DISK,
                  GUEST,
                  CONSOLE_LOG),
              Console.WEB_SOCKET,
              PROPOLIS_VCPUS);
      case BHYVE ->
          new Capabilities(
              EnumSet.of(
                  GRACEFUL_STOP,
                  VNC,
                  TAP_NETWORK,
                  NO_NETWORK,
                  UEFI,
                  DISK,
                  RAW_DISK,
                  GUEST,
                  CONSOLE_LOG),
              Console.TERMINAL,
              MOST_VCPUS);
    };
  }

  public boolean has(Capability capability) {
    return all.contains(capability);
  }
}
