package dev.vmctl.vmfile;

import dev.vmctl.kdl.KdlNode;
import dev.vmctl.kdl.KdlString;
import dev.vmctl.kdl.KdlValue;
import dev.vmctl.model.MacAddress;
import dev.vmctl.model.NetworkSpec;
import dev.vmctl.model.NicSpec;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads {@code nics} nodes. */
final class NicDecoder {
  private static final String EXAMPLE = "nic \"lan\" bridge=\"br0\" mac=\"52:54:00:12:34:56\"";
  private static final List<String> KINDS = List.of("user", "tap", "private");
  private static final NamedParts.Kind KIND =
      new NamedParts.Kind(
          "nic",
          NicSpec.MOST,
          NicSpec::isName,
          "use 1 to 15 of a–z, 0–9 and hyphens, such as \"lan\"",
          EXAMPLE);

  private final Findings findings;
  private final NodeShape shape;
  private final ScalarDecoder scalars;
  private final NetworkDecoder networks;
  private final NamedParts named;
  private final Faults faults;

  NicDecoder(Findings findings, NodeShape shape, ScalarDecoder scalars, NetworkDecoder networks) {
    this.findings = findings;
    this.shape = shape;
    this.scalars = scalars;
    this.networks = networks;
    this.named = new NamedParts(findings, shape);
    this.faults = new Faults(findings);
  }

  List<NicSpec> decode(KdlNode node, VmDraft draft) {
    return named.decode(node, KIND, part -> nic(part, draft));
  }

  private Optional<NicSpec> nic(KdlNode node, VmDraft draft) {
    String name = ((KdlString) node.arguments().getFirst()).value();
    Map<String, KdlNode> parts =
        shape.namedParts(
            node, "nic", List.of("network", "bridge", "name", "mac"), NodeShape::suggestion);
    KdlNode written = parts.get("mac");
    Optional<MacAddress> mac = Optional.ofNullable(written).flatMap(this::mac);
    NetworkSpec network =
        parts.containsKey("name") || isPlain(parts.get("network"), "private")
            ? lan(name, parts)
            : network(parts.get("network"), parts.get("bridge"));
    if (network == null || (written != null && mac.isEmpty())) {
      return Optional.empty();
    }
    mac.ifPresent(
        address -> draft.addMac(address, written == null ? node.span() : valueOf(written).span()));
    return Optional.of(new NicSpec(name, network, mac.orElse(null)));
  }

  /** {@code name} stands beside {@code network "private"}, or for it; without, the card's name. */
  private @Nullable NetworkSpec lan(String card, Map<String, KdlNode> parts) {
    KdlNode network = parts.get("network");
    KdlNode name = parts.get("name");
    KdlNode other = parts.get("bridge");
    if (other == null && network != null && !isPlain(network, "private")) {
      other = name;
    }
    if (other != null) {
      findings.add(
          VmFileCode.CONFLICT,
          other.name().span(),
          "a name goes with network \"private\", and no bridge with either",
          "write it like this: nic \"lan\" network=\"private\" name=\"lan\"");
      return null;
    }
    return name == null ? new NetworkSpec.Private(card) : networks.named(name);
  }

  private Optional<MacAddress> mac(KdlNode node) {
    String text = scalars.text(node, EXAMPLE);
    if (text == null) {
      return Optional.empty();
    }
    Optional<MacAddress> address = MacAddress.parse(text);
    if (address.isEmpty()) {
      faults.invalid(
          valueOf(node),
          Quoted.of(text) + " is not a MAC address",
          "write six pairs of hexadecimal digits: mac \"52:54:00:12:34:56\"");
    } else if (!address.get().isOfOneCard()) {
      faults.invalid(
          valueOf(node),
          Quoted.of(text) + " is no address that a network card can have",
          "use one that begins with 52:54:00, or leave it to vmctl");
      return Optional.empty();
    }
    return address;
  }

  private @Nullable NetworkSpec network(@Nullable KdlNode network, @Nullable KdlNode bridge) {
    if (bridge != null) {
      return onBridge(network, bridge);
    }
    if (network == null) {
      return new NetworkSpec.User();
    }
    return isKind(network, KINDS) ? networks.decode(network) : null;
  }

  /** {@code bridge} stands beside {@code network "tap"}, or for it. */
  private @Nullable NetworkSpec onBridge(@Nullable KdlNode network, KdlNode bridge) {
    if (network != null && !isPlain(network, "tap")) {
      findings.add(
          VmFileCode.CONFLICT,
          bridge.name().span(),
          "a bridge goes with network \"tap\"",
          "write it like this: " + EXAMPLE);
      return null;
    }
    String device = networks.bridge(bridge);
    return device == null ? null : new NetworkSpec.Tap(device);
  }

  private static boolean isPlain(@Nullable KdlNode network, String word) {
    return network != null
        && NodeShape.parts(network).isEmpty()
        && network.arguments().size() == 1
        && valueOf(network) instanceof KdlString kind
        && kind.value().equals(word);
  }

  private boolean isKind(KdlNode network, List<String> kinds) {
    if (!network.arguments().isEmpty()
        && valueOf(network) instanceof KdlString kind
        && !kinds.contains(kind.value())) {
      faults.unknownChoice(network, kind.value(), kinds);
      return false;
    }
    return true;
  }

  private static KdlValue valueOf(KdlNode node) {
    return node.arguments().getFirst();
  }
}
