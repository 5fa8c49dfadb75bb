package dev.vmctl.vmfile;

import dev.vmctl.kdl.KdlNode;
import dev.vmctl.model.ForwardSpec;
import dev.vmctl.model.ForwardSpec.Protocol;
import dev.vmctl.model.VmFields;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads {@code forward} nodes, with their parts as properties or in braces. */
final class ForwardDecoder {
  private static final String EXAMPLE = "forward host=8080 guest=80";
  private static final Pattern IPV4 =
      Pattern.compile("((25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])(\\.(?!$)|$)){4}");

  private final Findings findings;
  private final NodeShape shape;
  private final ScalarDecoder scalars;
  private final Faults faults;

  ForwardDecoder(Findings findings, NodeShape shape, ScalarDecoder scalars) {
    this.findings = findings;
    this.shape = shape;
    this.scalars = scalars;
    this.faults = new Faults(findings);
  }

  @Nullable ForwardSpec decode(KdlNode node) {
    shape.noArgumentsFrom(0, node, EXAMPLE);
    Map<String, KdlNode> parts =
        shape.namedParts(
            node, "'forward'", NodeShape.names(VmFields.FORWARD, ""), NodeShape::suggestion);
    Integer host = port(node, parts, "host");
    Integer guest = port(node, parts, "guest");
    Protocol protocol = protocol(parts.get("proto"));
    String bind = bind(parts.get("bind"));
    return host == null || guest == null || protocol == null || bind == null
        ? null
        : new ForwardSpec(protocol, bind, host, guest);
  }

  private @Nullable Integer port(KdlNode node, Map<String, KdlNode> parts, String name) {
    KdlNode part = parts.get(name);
    if (part == null) {
      findings.add(
          VmFileCode.MISSING_NODE,
          node.name().span(),
          "a forward needs a port of the " + name,
          "write it like this: " + EXAMPLE);
      return null;
    }
    Long port = scalars.whole(part, ForwardSpec.LOWEST_PORT, ForwardSpec.HIGHEST_PORT, EXAMPLE, "");
    return port == null ? null : Math.toIntExact(port);
  }

  private @Nullable Protocol protocol(@Nullable KdlNode part) {
    if (part == null) {
      return Protocol.TCP;
    }
    String word = scalars.text(part, "proto \"udp\"");
    if (word == null) {
      return null;
    }
    for (Protocol protocol : Protocol.values()) {
      if (protocol.text().equals(word)) {
        return protocol;
      }
    }
    faults.unknownChoice(part, word, List.of("tcp", "udp"));
    return null;
  }

  private @Nullable String bind(@Nullable KdlNode part) {
    if (part == null) {
      return ForwardSpec.LOOPBACK;
    }
    String address = scalars.text(part, "bind \"0.0.0.0\"");
    if (address == null || IPV4.matcher(address).matches()) {
      return address;
    }
    faults.invalid(
        part.arguments().getFirst(),
        Quoted.of(address) + " is not an IPv4 address",
        "use \"0.0.0.0\" for every address of this host, or one of them in numbers");
    return null;
  }
}
