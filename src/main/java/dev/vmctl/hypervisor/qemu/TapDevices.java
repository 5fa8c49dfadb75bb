package dev.vmctl.hypervisor.qemu;

import dev.vmctl.hypervisor.VmHandle;
import dev.vmctl.model.VmException;

/** Where the adapter gets tap devices from; the network room has them. */
public interface TapDevices {
  /**
   * A tap device for a card of this VM on this bridge, up, and open to the user we run as. The same
   * at every call for one card.
   *
   * @param card name of the card; empty for the first
   * @throws VmException NETWORK_FAILED when there is no such bridge or no permission
   */
  String open(VmHandle vm, String card, String bridge);

  /** Removes the devices of this VM, if there are any. */
  void remove(VmHandle vm);
}
