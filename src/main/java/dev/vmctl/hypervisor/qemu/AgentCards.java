package dev.vmctl.hypervisor.qemu;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vmctl.agent.AgentClient;
import dev.vmctl.host.Log;
import dev.vmctl.model.MacAddress;
import dev.vmctl.model.VmException;
import dev.vmctl.network.NumericAddress;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The network cards that a guest's agent tells of. */
final class AgentCards {
  private static final System.Logger LOG = Log.of(AgentCards.class);

  private AgentCards() {}

  /**
   * The address of each card that the guest names; an IPv4 one where it has both. Empty when there
   * is no agent that answers in time.
   */
  static Map<MacAddress, InetAddress> ask(Path socket, Duration patience) {
    try (AgentClient agent = AgentClient.open(socket, patience)) {
      return addresses(agent.execute("guest-network-get-interfaces"));
    } catch (VmException e) {
      LOG.log(System.Logger.Level.DEBUG, "no guest agent at {0}: {1}", socket, e.getMessage());
      return Map.of();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Map.of();
    }
  }

  static Map<MacAddress, InetAddress> addresses(JsonNode interfaces) {
    Map<MacAddress, InetAddress> found = new LinkedHashMap<>();
    for (JsonNode each : interfaces) {
      MacAddress.parse(each.path("hardware-address").asText())
          .ifPresent(mac -> address(each).ifPresent(address -> found.putIfAbsent(mac, address)));
    }
    return found;
  }

  private static Optional<InetAddress> address(JsonNode card) {
    for (String family : List.of("ipv4", "ipv6")) {
      for (JsonNode address : card.path("ip-addresses")) {
        if (address.path("ip-address-type").asText().equals(family)) {
          Optional<InetAddress> numeric = NumericAddress.parse(address.path("ip-address").asText());
          if (numeric.isPresent()) {
            return numeric;
          }
        }
      }
    }
    return Optional.empty();
  }
}
