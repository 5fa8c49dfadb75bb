package dev.vmctl.network;

import dev.vmctl.model.Finding;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import java.util.List;
import java.util.UUID;

/** Where tap devices for the cards of VMs come from. */
public interface TapDevices {
  /**
   * Whether a tap could be made on this bridge.
   *
   * @throws VmException network.failed saying what is missing
   */
  void check(VmName vm, String bridge);

  /**
   * A tap device for a card of a VM, on this bridge, up, and open to the user we run as. What an
   * earlier start of the VM left under its name is replaced.
   *
   * @param card number of the card in its VM, from 0
   * @return the name of the device
   * @throws VmException network.failed when there is no such bridge, no permission, or the name is
   *     taken by what is not ours
   */
  String open(VmName vm, UUID uuid, int card, String bridge);

  /**
   * Removes the devices of this VM, if there are any. Precondition: nothing of it runs.
   *
   * @throws VmException network.failed when one cannot be removed
   */
  void remove(UUID uuid);

  /** What there is to say of taps on this host. */
  List<Finding> examine();
}
