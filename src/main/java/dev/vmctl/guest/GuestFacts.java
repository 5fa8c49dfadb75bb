package dev.vmctl.guest;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vmctl.agent.AgentClient;
import java.util.ArrayList;
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

  /** Asks for them; what an old agent does not know is left out. */
  static GuestFacts of(AgentClient agent) throws InterruptedException {
    List<String> addresses = new ArrayList<>();
    for (JsonNode card : agent.known("guest-network-get-interfaces")) {
      String name = card.path("name").asText();
      for (JsonNode address : card.path("ip-addresses")) {
        if (!name.equals("lo")) {
          addresses.add(name + " " + address.path("ip-address").asText());
        }
      }
    }
    return new GuestFacts(
        agent.known("guest-get-host-name").path("host-name").asText(),
        agent.known("guest-get-osinfo").path("pretty-name").asText(),
        addresses);
  }
}
