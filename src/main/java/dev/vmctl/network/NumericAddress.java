package dev.vmctl.network;

import java.net.InetAddress;
import java.util.Optional;

/** Addresses in numbers; nothing here ever asks a name server. */
public final class NumericAddress {
  private NumericAddress() {}

  /** The address in a text; empty when it is none, or none that leads to one guest. */
  public static Optional<InetAddress> parse(String text) {
    try {
      return Optional.of(InetAddress.ofLiteral(text)).filter(NumericAddress::isOfOne);
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** Link-local ones need a card to go with, and a guest without DHCP gives itself one. */
  private static boolean isOfOne(InetAddress address) {
    return !address.isAnyLocalAddress()
        && !address.isLoopbackAddress()
        && !address.isMulticastAddress()
        && !address.isLinkLocalAddress();
  }
}
