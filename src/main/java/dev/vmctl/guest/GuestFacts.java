package dev.vmctl.guest;

import java.util.List;
import java.util.Objects;

/**
 * What a guest says of itself, by its QEMU guest agent.
 *
 * @param hostname empty when the agent does not tell
 * @param os its name and version, for people; empty when the agent does not tell
 * @param addresses of its network cards, as {@code eth0 10.0.2.15}; without the loopback
 */
public record GuestFacts(String hostname, String os, List<String> addresses) {
  public GuestFacts {
    Objects.requireNonNull(hostname);
    Objects.requireNonNull(os);
    addresses = List.copyOf(addresses);
  }
}
