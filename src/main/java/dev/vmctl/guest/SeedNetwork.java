package dev.vmctl.guest;

import dev.vmctl.model.MacAddress;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a guest is told of its network.
 *
 * @param cards in their order; a guest with one that asks for an address is told nothing of it, as
 *     that is what it does by itself
 * @param hosts whom it finds by name, in addition to those it knows itself
 */
public record SeedNetwork(List<Card> cards, List<Host> hosts) {
  /** One card, or none, and no hosts. */
  public static final SeedNetwork USUAL = new SeedNetwork(List.of(), List.of());

  /**
   * @param address with its prefix, such as {@code 10.64.1.2/16}; null to ask for one by DHCP
   */
  public record Card(MacAddress mac, @Nullable String address) {
    public Card {
      Objects.requireNonNull(mac);
    }
  }

  /**
   * @param names separated by blanks
   */
  public record Host(String address, String names) {
    public Host {
      Objects.requireNonNull(address);
      Objects.requireNonNull(names);
    }
  }

  public SeedNetwork {
    cards = List.copyOf(cards);
    hosts = List.copyOf(hosts);
  }

  boolean isUsual() {
    return cards.size() <= 1 && cards.stream().allMatch(card -> card.address() == null);
  }
}
