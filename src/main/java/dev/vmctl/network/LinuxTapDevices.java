package dev.vmctl.network;

import dev.vmctl.host.HostFacts;
import dev.vmctl.host.NetworkDevices;
import dev.vmctl.host.NetworkDevices.Refused;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.Finding;
import dev.vmctl.model.MacAddress;
import dev.vmctl.model.NicSpec;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * Tap devices of Linux. They are made lasting and belong to the user we run as: so QEMU opens one
 * by its name without any privilege, and it stays when vmctl ends. Nothing is written down about
 * them: name and mark follow from the VM's uuid ({@link TapName}), so the next vmctl knows them
 * again. A device with another mark is never touched, and a bridge is only ever given ports.
 */
public final class LinuxTapDevices implements TapDevices {
  private static final String BRIDGE = "bridge";
  private static final String CAPABILITY =
      "run vmctl as root, or give its daemon CAP_NET_ADMIN (systemd: AmbientCapabilities=CAP_NET_ADMIN), or use network \"user\"; see docs/networks.md";

  private final NetworkDevices devices;
  private final HostFacts facts;

  public LinuxTapDevices(NetworkDevices devices, HostFacts facts) {
    this.devices = devices;
    this.facts = facts;
  }

  @Override
  public void check(VmName vm, String bridge) {
    String place = "network \"tap\" of " + vm + ": ";
    if (!devices.exists(bridge)) {
      throw failed(
          place + "there is no bridge " + bridge,
          "make it: ip link add " + bridge + " type bridge && ip link set " + bridge + " up");
    }
    Optional<String> driver = devices.driver(bridge);
    if (!driver.equals(Optional.of(BRIDGE))) {
      throw failed(
          place + bridge + " is no bridge" + driver.map(" but a device of "::concat).orElse(""),
          "name a bridge: network \"tap\" bridge=\"br0\"");
    }
    if (!Files.exists(NetworkDevices.TUN)) {
      throw failed(
          place + "there is no " + NetworkDevices.TUN,
          "modprobe tun; in a container give it the device");
    }
    if (!Files.isReadable(NetworkDevices.TUN) || !Files.isWritable(NetworkDevices.TUN)) {
      throw failed(
          place + facts.userName() + " may not open " + NetworkDevices.TUN,
          "chmod 666 " + NetworkDevices.TUN + ", which gives nobody more than their own devices");
    }
    if (!devices.isAdministrator()) {
      throw failed(
          place + facts.userName() + " may not make tap devices: CAP_NET_ADMIN is missing",
          CAPABILITY);
    }
  }

  @Override
  public String open(VmName vm, UUID uuid, int card, String bridge) {
    check(vm, bridge);
    TapName tap = new TapName(uuid, card);
    remove(tap);
    try {
      devices.makeTap(tap.text(), tap.mark(), facts.userId(), bridge);
      return tap.text();
    } catch (Refused e) {
      if (e.isBusy() && devices.exists(tap.text())) {
        throw foreign(tap, e);
      }
      throw failed(
          "no tap device for " + vm + " on " + bridge + ": " + e.getMessage(),
          e.isNotPermitted() ? CAPABILITY : "it is tried again by itself",
          e);
    }
  }

  @Override
  public void remove(UUID uuid) {
    for (int card = 0; card <= NicSpec.MOST; card++) {
      remove(new TapName(uuid, card));
    }
  }

  private void remove(TapName tap) {
    Optional<MacAddress> found = devices.address(tap.text());
    if (found.isEmpty() || !found.get().equals(tap.mark())) {
      return;
    }
    try {
      devices.removeTap(tap.text());
    } catch (Refused e) {
      throw failed(
          "the tap device " + tap.text() + " cannot be removed: " + e.getMessage(),
          e.isBusy()
              ? "a program has it open; end that one"
              : "remove it by hand: ip link delete " + tap.text(),
          e);
    }
  }

  private static VmException foreign(TapName tap, Refused cause) {
    return failed(
        "the device " + tap.text() + " is there already, and is none that vmctl made",
        "it is left untouched; if nobody needs it: ip link delete " + tap.text(),
        cause);
  }

  @Override
  public List<Finding> examine() {
    return List.of(
        permission(),
        Finding.of(
            "bridges",
            devices.bridges(),
            "VMs with network \"tap\" need one",
            "ip link add br0 type bridge && ip link set br0 up"));
  }

  private Finding permission() {
    String check = "tap devices";
    String so = ": VMs with network \"tap\" do not start";
    if (!Files.exists(NetworkDevices.TUN)) {
      return Finding.warn(
          check,
          "there is no " + NetworkDevices.TUN + so,
          "modprobe tun; in a container give it the device");
    }
    return devices.isAdministrator()
        ? Finding.ok(check, NetworkDevices.TUN + " is there, and we may make them")
        : Finding.warn(check, facts.userName() + " may not make them" + so, CAPABILITY);
  }

  private static VmException failed(String message, String help) {
    return new VmException(ErrorCode.NETWORK_FAILED, message, help);
  }

  private static VmException failed(String message, String help, Refused cause) {
    return new VmException(ErrorCode.NETWORK_FAILED, message, help, cause);
  }
}
