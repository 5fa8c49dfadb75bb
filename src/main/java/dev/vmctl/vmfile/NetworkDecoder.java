package dev.vmctl.vmfile;

import dev.vmctl.kdl.KdlNode;
import dev.vmctl.kdl.KdlString;
import dev.vmctl.kdl.KdlValue;
import dev.vmctl.model.NetworkSpec;
import dev.vmctl.model.NicSpec;
import dev.vmctl.model.VmFields;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads {@code network} nodes, with their parts in braces or as properties. */
final class NetworkDecoder {
  static final List<String> KINDS = List.of("user", "tap", "private", "vnic", "none");
  private static final String TAP = "network \"tap\" { bridge \"br0\" }";
  private static final String PRIVATE = "network \"private\" { name \"lan\" }";
  private static final String VNIC = "network \"vnic\" { name \"vnic0\" }";

  /** Linux allows 15 bytes, illumos 31 characters; neither what would end a word or a path. */
  private static final Pattern DEVICE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,30}");

  private static final int LONGEST_BRIDGE = 15;

  private final Findings findings;
  private final NodeShape shape;
  private final ScalarDecoder scalars;
  private final Faults faults;

  NetworkDecoder(Findings findings, NodeShape shape, ScalarDecoder scalars) {
    this.findings = findings;
    this.shape = shape;
    this.scalars = scalars;
    this.faults = new Faults(findings);
  }

  @Nullable NetworkSpec decode(KdlNode node) {
    KdlValue value = shape.firstArgument(node, "a kind of network", "network \"user\"");
    if (value == null) {
      return null;
    }
    if (!(value instanceof KdlString kind)) {
      faults.wrongType(node, value, Faults.TEXT, "network \"user\"");
      return null;
    }
    return switch (kind.value()) {
      case "user" -> {
        parts(node, "user");
        yield new NetworkSpec.User();
      }
      case "none" -> {
        parts(node, "none");
        yield new NetworkSpec.None();
      }
      case "tap" -> tap(node);
      case "private" -> lan(node);
      case "vnic" -> vnic(node);
      default -> {
        faults.unknownChoice(node, kind.value(), KINDS);
        yield null;
      }
    };
  }

  private @Nullable NetworkSpec tap(KdlNode node) {
    KdlNode bridge = parts(node, "tap").get("bridge");
    if (bridge == null) {
      return new NetworkSpec.Tap(NetworkSpec.Tap.DEFAULT_BRIDGE);
    }
    String name = bridge(bridge);
    return name == null ? null : new NetworkSpec.Tap(name);
  }

  /** The name of a bridge. */
  @Nullable String bridge(KdlNode part) {
    return device(part, LONGEST_BRIDGE, TAP);
  }

  private @Nullable NetworkSpec lan(KdlNode node) {
    KdlNode given = parts(node, "private").get("name");
    if (given == null) {
      findings.add(
          VmFileCode.MISSING_NODE,
          node.arguments().getFirst().span(),
          "network 'private' needs a 'name'",
          "write it like this: " + PRIVATE);
      return null;
    }
    return named(given);
  }

  /** The private network of this name. */
  @Nullable NetworkSpec named(KdlNode part) {
    String name = scalars.text(part, PRIVATE);
    if (name == null || NicSpec.isName(name)) {
      return name == null ? null : new NetworkSpec.Private(name);
    }
    findings.add(
        VmFileCode.INVALID_VALUE,
        part.arguments().getFirst().span(),
        Quoted.of(name) + " cannot be the name of a private network",
        "use 1 to 15 of a–z, 0–9 and hyphens, such as \"lan\"");
    return null;
  }

  private @Nullable NetworkSpec vnic(KdlNode node) {
    KdlNode given = parts(node, "vnic").get("name");
    if (given == null) {
      findings.add(
          VmFileCode.MISSING_NODE,
          node.arguments().getFirst().span(),
          "network 'vnic' needs a 'name'",
          "write it like this: " + VNIC);
      return null;
    }
    String name = device(given, Integer.MAX_VALUE, VNIC);
    return name == null ? null : new NetworkSpec.Vnic(name);
  }

  private Map<String, KdlNode> parts(KdlNode node, String kind) {
    return shape.namedParts(
        node,
        "network '" + kind + "'",
        NodeShape.names(VmFields.NETWORK, kind),
        (name, names) -> help(kind, name, names));
  }

  /** A bridge for a network that has none is more often a wrong kind than a wrong part. */
  private static String help(String kind, String name, Collection<String> known) {
    if (name.equals("bridge")) {
      return "a bridge goes with network \"tap\": " + TAP;
    }
    if (name.equals("name")) {
      return "a name goes with network \"private\": " + PRIVATE;
    }
    return known.isEmpty()
        ? "network \"" + kind + "\" has no settings; remove it"
        : NodeShape.suggestion(name, known);
  }

  private @Nullable String device(KdlNode part, int longest, String example) {
    String name = scalars.text(part, example);
    if (name == null || (name.length() <= longest && DEVICE.matcher(name).matches())) {
      return name;
    }
    findings.add(
        VmFileCode.INVALID_VALUE,
        part.arguments().getFirst().span(),
        Quoted.of(name) + " cannot be the name of a network device",
        "it has up to "
            + Math.min(longest, 31)
            + " letters, digits, dots, hyphens and underscores, a letter or digit first");
    return null;
  }
}
