package dev.vmctl.vmfile;

import dev.vmctl.kdl.KdlNode;
import dev.vmctl.kdl.KdlString;
import dev.vmctl.kdl.KdlValue;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Reads nodes that hold several of one kind, each with a name: {@code disks}, {@code nics}. */
final class NamedParts {
  private final Findings findings;
  private final NodeShape shape;
  private final Faults faults;

  /**
   * What such nodes hold.
   *
   * @param node name of each node in them
   * @param most how many there may be
   * @param isName whether a text can be the name of one
   * @param form what such a name looks like, for help
   * @param example how one is written
   */
  record Kind(String node, int most, Predicate<String> isName, String form, String example) {}

  NamedParts(Findings findings, NodeShape shape) {
    this.findings = findings;
    this.shape = shape;
    this.faults = new Faults(findings);
  }

  /** Those that could be read; what was wrong with the others has been reported. */
  <T> List<T> decode(KdlNode node, Kind kind, Function<KdlNode, Optional<T>> decoder) {
    String written = node.name().value() + " { " + kind.example() + " }";
    shape.noArgumentsFrom(0, node, written);
    node.properties()
        .forEach(
            property ->
                findings.add(
                    VmFileCode.UNKNOWN_PROPERTY,
                    property.key().span(),
                    NodeShape.name(node)
                        + " takes no property "
                        + Quoted.of(property.key().value()),
                    "write it like this: " + written));
    List<T> decoded = new ArrayList<>();
    Map<String, KdlNode> names = new HashMap<>();
    for (KdlNode part : node.children()) {
      if (!part.name().value().equals(kind.node())) {
        findings.add(
            VmFileCode.UNKNOWN_NODE,
            part.name().span(),
            NodeShape.name(part) + " means nothing in " + NodeShape.name(node),
            "write it like this: " + written);
        continue;
      }
      String name = name(part, kind);
      if (name != null && isFirst(part, kind, names.putIfAbsent(name, part))) {
        decoder.apply(part).ifPresent(decoded::add);
      }
    }
    if (decoded.size() > kind.most()) {
      findings.add(
          VmFileCode.OUT_OF_RANGE,
          node.name().span(),
          NodeShape.name(node) + " holds " + decoded.size() + ", " + kind.most() + " are allowed",
          "make a second VM for the rest");
    }
    return decoded;
  }

  private @Nullable String name(KdlNode part, Kind kind) {
    KdlValue value = shape.firstArgument(part, "a name", kind.example());
    if (value == null) {
      return null;
    }
    if (!(value instanceof KdlString text)) {
      faults.wrongType(part, value, Faults.TEXT, kind.example());
      return null;
    }
    if (!kind.isName().test(text.value())) {
      faults.invalid(
          value, Quoted.of(text.value()) + " cannot be the name of a " + kind.node(), kind.form());
      return null;
    }
    return text.value();
  }

  private boolean isFirst(KdlNode part, Kind kind, @Nullable KdlNode earlier) {
    if (earlier == null) {
      return true;
    }
    KdlValue name = part.arguments().getFirst();
    findings.add(
        VmFileCode.DUPLICATE_NODE,
        name.span(),
        "this VM has two " + kind.node() + "s of that name",
        "rename or remove one of them",
        earlier.arguments().getFirst().span(),
        "the first one");
    return false;
  }
}
