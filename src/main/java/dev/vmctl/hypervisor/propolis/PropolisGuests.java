package dev.vmctl.hypervisor.propolis;

import dev.vmctl.hypervisor.VmHandle;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.MacAddress;
import dev.vmctl.model.VmException;
import dev.vmctl.network.GuestAddresses;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;

/** Finds guests on the network. */
final class PropolisGuests {
  private static final int SSH = 22;

  private final ServerZones zones;
  private final GuestAddresses addresses;

  PropolisGuests(ServerZones zones, GuestAddresses addresses) {
    this.zones = zones;
    this.addresses = addresses;
  }

  /**
   * Where the guest's SSH server is.
   *
   * @return empty when it has no network
   * @throws VmException network.ip_discovery_timeout when it was not seen yet
   */
  Optional<InetSocketAddress> ssh(VmHandle vm) {
    Optional<MacAddress> mac = zones.guestMac(vm);
    if (mac.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        known(vm)
            .map(address -> new InetSocketAddress(address, SSH))
            .orElseThrow(() -> notSeen(vm, mac.get())));
  }

  /** The guest's address, if this host knows it. */
  Optional<InetAddress> known(VmHandle vm) {
    return zones.guestMac(vm).flatMap(mac -> addresses.find(mac, null));
  }

  private static VmException notSeen(VmHandle vm, MacAddress mac) {
    return new VmException(
        ErrorCode.IP_DISCOVERY_TIMEOUT,
        "the address of "
            + vm.name()
            + " is not known: this host has not met "
            + mac.value()
            + " yet",
        "the guest may still be booting, or have got no address; 'vmctl log "
            + vm.name()
            + " --console' shows; it has to be on a link that this host is on too");
  }
}
