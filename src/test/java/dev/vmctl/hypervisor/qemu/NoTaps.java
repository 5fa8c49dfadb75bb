package dev.vmctl.hypervisor.qemu;

import dev.vmctl.hypervisor.VmHandle;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;

/** A host without bridges. */
final class NoTaps implements TapDevices {
  @Override
  public String open(VmHandle vm, String card, String bridge) {
    throw new VmException(ErrorCode.NETWORK_FAILED, "no bridge " + bridge, "");
  }

  @Override
  public void remove(VmHandle vm) {}
}
