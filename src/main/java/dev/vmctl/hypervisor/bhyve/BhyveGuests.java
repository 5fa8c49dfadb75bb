package dev.vmctl.hypervisor.bhyve;

import dev.vmctl.hypervisor.VmHandle;
import dev.vmctl.model.CardFacts;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.LaunchFacts;
import dev.vmctl.model.NetworkSpec;
import dev.vmctl.model.VmException;
import dev.vmctl.network.GuestAddresses;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;

/** Where guests are on their bridges, as far as this host knows. */
final class BhyveGuests {
  private static final int SSH = 22;

  private final GuestAddresses addresses;

  BhyveGuests(GuestAddresses addresses) {
    this.addresses = addresses;
  }

  /**
   * @return empty when it has no card
   * @throws VmException network.ip_discovery_timeout when its address is not known yet
   */
  Optional<InetSocketAddress> ssh(VmHandle vm) {
    return cards(vm).stream()
        .findFirst()
        .map(card -> find(card).orElseThrow(() -> unknown(vm, card)))
        .map(address -> new InetSocketAddress(address, SSH));
  }

  Optional<InetAddress> known(VmHandle vm) {
    return cards(vm).stream().flatMap(card -> find(card).stream()).findFirst();
  }

  private Optional<InetAddress> find(CardFacts card) {
    return addresses.find(card.mac(), bridge(card));
  }

  private static List<CardFacts> cards(VmHandle vm) {
    LaunchFacts facts = vm.facts();
    return facts == null ? List.of() : facts.cards();
  }

  private static String bridge(CardFacts card) {
    return card.network() instanceof NetworkSpec.Tap tap
        ? tap.bridge()
        : NetworkSpec.Tap.DEFAULT_BRIDGE;
  }

  private static VmException unknown(VmHandle vm, CardFacts card) {
    return new VmException(
        ErrorCode.IP_DISCOVERY_TIMEOUT,
        "the address of "
            + vm.name()
            + " is not known: this host has not met "
            + card.mac()
            + " on "
            + bridge(card)
            + " yet",
        "the guest may still be booting, or have got no address; the host has to have an address"
            + " on the bridge, or the leases of its DHCP server be named in "
            + GuestAddresses.VARIABLE);
  }
}
