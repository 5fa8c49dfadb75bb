package dev.vmctl.hypervisor.qemu;

import dev.vmctl.model.MacAddress;
import dev.vmctl.model.NetworkSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The network of a machine that others have started, from QEMU's {@code info network}. Its first
 * card is taken; what vmctl could not give it again is noted.
 *
 * @param mac of the first card; null when there is none
 * @param device the host's end of its network; null when there is none
 */
record FoundCards(
    @Nullable MacAddress mac, NetworkSpec network, @Nullable String device, List<String> notes) {
  private static final String BACKEND = " \\ ";

  static FoundCards of(String said) {
    return of(said, FoundCards::bridge);
  }

  /** How to find the bridge that a device of the host is on. */
  @FunctionalInterface
  interface Bridges {
    Optional<String> of(String device);
  }

  static FoundCards of(String said, Bridges bridges) {
    FoundCards first = new FoundCards(null, new NetworkSpec.None(), null, List.of());
    List<String> notes = new ArrayList<>();
    List<String> lines = said.lines().toList();
    for (int i = 0; i < lines.size(); i++) {
      Map<String, String> card = pairs(lines.get(i));
      if (!"nic".equals(card.get("type"))) {
        continue;
      }
      Optional<MacAddress> mac =
          MacAddress.parse(Objects.requireNonNullElse(card.get("macaddr"), ""));
      boolean connected = i + 1 < lines.size() && lines.get(i + 1).startsWith(BACKEND);
      Map<String, String> network = connected ? pairs(lines.get(i + 1)) : Map.of();
      if (first.mac() == null && mac.isPresent()) {
        first = card(mac.get(), network, bridges, notes);
      } else {
        notes.add("its further network card " + card.get("macaddr"));
      }
    }
    return new FoundCards(first.mac(), first.network(), first.device(), List.copyOf(notes));
  }

  private static FoundCards card(
      MacAddress mac, Map<String, String> network, Bridges bridges, List<String> notes) {
    String type = Objects.requireNonNullElse(network.get("type"), "nothing");
    String device = network.get("ifname");
    if (type.equals("user")) {
      return new FoundCards(mac, new NetworkSpec.User(), null, List.of());
    }
    Optional<String> bridge = device == null ? Optional.empty() : bridges.of(device);
    if (bridge.isPresent()) {
      return new FoundCards(mac, new NetworkSpec.Tap(bridge.get()), device, List.of());
    }
    notes.add("its network, which is connected to '" + type + "'");
    return new FoundCards(mac, new NetworkSpec.None(), device, List.of());
  }

  private static Map<String, String> pairs(String line) {
    Map<String, String> pairs = new HashMap<>();
    int colon = line.indexOf(": ");
    for (String pair : line.substring(colon < 0 ? line.length() : colon + 2).split(",", -1)) {
      int equals = pair.indexOf('=');
      if (equals > 0) {
        pairs.put(pair.substring(0, equals), pair.substring(equals + 1).strip());
      }
    }
    return pairs;
  }

  private static Optional<String> bridge(String device) {
    Path master = Path.of("/sys/class/net").resolve(device).resolve("master");
    try {
      return Files.exists(master)
          ? Optional.of(master.toRealPath().getFileName().toString())
          : Optional.empty();
    } catch (IOException gone) {
      return Optional.empty();
    }
  }
}
