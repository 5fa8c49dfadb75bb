package dev.vmctl.model;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a network card of a guest that runs is connected to.
 *
 * @param device the host's end, such as a tap device; null when there is none
 */
public record CardFacts(MacAddress mac, NetworkSpec network, @Nullable String device) {
  public CardFacts {
    Objects.requireNonNull(mac);
    Objects.requireNonNull(network);
  }
}
