package dev.vmctl.hypervisor.qemu;

/** How the guest's network card is connected. */
sealed interface QemuNetwork {
  /**
   * QEMU's own network.
   *
   * @param sshPort port of 127.0.0.1 that leads to the guest's port 22
   */
  record User(int sshPort) implements QemuNetwork {}

  /**
   * @param device name of the tap device, which is on its bridge already
   */
  record Tap(String device) implements QemuNetwork {}

  /** No card. */
  record None() implements QemuNetwork {}
}
