package dev.vmctl.hypervisor.qemu;

import dev.vmctl.model.ForwardSpec;
import dev.vmctl.network.PrivateNetwork;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a guest's network card is connected to. */
sealed interface QemuNetwork {
  /**
   * QEMU's own network.
   *
   * @param number tells it from the VM's others: the addresses in network n are 10.0.(2+n).x
   * @param sshPort port of 127.0.0.1 that leads to the guest's port 22; null for none
   */
  record User(int number, @Nullable Integer sshPort, List<ForwardSpec> forwards)
      implements QemuNetwork {
    public User {
      forwards = List.copyOf(forwards);
    }
  }

  /** A network of guests of this host; see {@link PrivateNetwork}. */
  record Private(String name, PrivateNetwork.Meeting meeting) implements QemuNetwork {}

  /**
   * @param device name of the tap device, which is on its bridge already
   */
  record Tap(String device, String bridge) implements QemuNetwork {}
}
