package dev.vmctl.network;

import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.Finding;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import java.util.List;
import java.util.UUID;

/** A host whose kernel makes no tap devices that we know of. */
public final class NoTapDevices implements TapDevices {
  @Override
  public void check(VmName vm, String bridge) {
    throw new VmException(
        ErrorCode.CAPABILITY_MISSING,
        vm + " asks for network \"tap\" on " + bridge + ", which QEMU has on Linux only",
        "use network \"user\"; its SSH port is forwarded on 127.0.0.1");
  }

  @Override
  public String open(VmName vm, UUID uuid, int card, String bridge) {
    check(vm, bridge);
    throw new AssertionError();
  }

  @Override
  public void remove(UUID uuid) {
    // None was made.
  }

  @Override
  public List<Finding> examine() {
    return List.of();
  }
}
