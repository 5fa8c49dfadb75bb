package dev.vmctl.hypervisor.qemu;

import dev.vmctl.hypervisor.SshWait;
import dev.vmctl.hypervisor.VmHandle;
import dev.vmctl.model.CardFacts;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.LaunchFacts;
import dev.vmctl.model.MacAddress;
import dev.vmctl.model.NetworkSpec;
import dev.vmctl.model.VmException;
import dev.vmctl.network.GuestAddresses;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

/**
 * Where guests are reached: at a forwarded port, or on a bridge at an address of their own. That
 * one is asked of the guest's agent if it answers, then looked up in what this host knows.
 */
final class QemuGuests {
  private static final int SSH = 22;

  /** The agent of a guest that has one answers at once; most have none. */
  private static final Duration AGENT = Duration.ofMillis(300);

  private final GuestAddresses addresses;

  QemuGuests(GuestAddresses addresses) {
    this.addresses = addresses;
  }

  /**
   * @return empty when no network leads to it
   * @throws VmException network.ip_discovery_timeout when its address is not known yet
   */
  Optional<InetSocketAddress> ssh(VmHandle vm) {
    LaunchFacts facts = vm.facts();
    if (facts != null && facts.sshPort() != null) {
      return Optional.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), facts.sshPort()));
    }
    Map<MacAddress, String> cards = onBridges(vm);
    if (cards.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        asked(vm, cards)
            .or(() -> known(cards))
            .map(address -> new InetSocketAddress(address, SSH))
            .orElseThrow(() -> unknown(vm, cards)));
  }

  /** As {@link #ssh}, again and again until it is known. */
  CompletableFuture<InetSocketAddress> awaitSsh(VmHandle vm, Duration patience) {
    return SshWait.startApart(vm, patience, () -> ssh(vm));
  }

  /** The address of the first card on a bridge that has one, without asking the guest. */
  Optional<InetAddress> known(VmHandle vm) {
    return known(onBridges(vm));
  }

  private Optional<InetAddress> known(Map<MacAddress, String> cards) {
    return cards.entrySet().stream()
        .flatMap(card -> addresses.find(card.getKey(), card.getValue()).stream())
        .findFirst();
  }

  private static Optional<InetAddress> asked(VmHandle vm, Map<MacAddress, String> cards) {
    Map<MacAddress, InetAddress> told = AgentCards.ask(new QemuFiles(vm).agentSocket(), AGENT);
    return cards.keySet().stream().filter(told::containsKey).map(told::get).findFirst();
  }

  /** The bridge of each card that is on one, in their order. */
  private static Map<MacAddress, String> onBridges(VmHandle vm) {
    Map<MacAddress, String> bridges = new LinkedHashMap<>();
    LaunchFacts facts = vm.facts();
    if (facts != null) {
      for (CardFacts card : facts.cards()) {
        if (card.network() instanceof NetworkSpec.Tap tap) {
          bridges.put(card.mac(), tap.bridge());
        }
      }
    }
    return bridges;
  }

  private static VmException unknown(VmHandle vm, Map<MacAddress, String> cards) {
    String where =
        cards.entrySet().stream()
            .map(card -> card.getKey() + " on " + card.getValue())
            .collect(Collectors.joining(", "));
    return new VmException(
        ErrorCode.IP_DISCOVERY_TIMEOUT,
        "the address of " + vm.name() + " is not known: nobody here has met " + where + " yet",
        "the guest may still be booting, or no DHCP server be on the bridge: 'vmctl log "
            + vm.name()
            + " --console' shows; leases that are kept elsewhere are found by "
            + GuestAddresses.VARIABLE);
  }
}
