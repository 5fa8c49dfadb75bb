package dev.vmctl.hypervisor.qemu;

import dev.vmctl.hypervisor.VmHandle;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;

/** A host on which this version makes no tap devices. */
public final class NoTapDevices implements TapDevices {
  @Override
  public String open(VmHandle vm, String card, String bridge) {
    throw new VmException(
        ErrorCode.CAPABILITY_MISSING,
        vm.name() + " asks for network \"tap\" on " + bridge + ", which this version cannot make",
        "use network \"user\" for now; its SSH port is forwarded on 127.0.0.1");
  }

  @Override
  public void remove(VmHandle vm) {
    // None was made.
  }
}
