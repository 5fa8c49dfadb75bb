package dev.vmctl.vmfile;

import dev.vmctl.kdl.KdlNode;
import dev.vmctl.kdl.KdlString;
import dev.vmctl.kdl.KdlValue;
import dev.vmctl.model.ApplyPolicy;
import dev.vmctl.model.ApplyPolicy.Mode;
import dev.vmctl.model.Dependency;
import dev.vmctl.model.Dependency.Until;
import dev.vmctl.model.Field;
import dev.vmctl.model.PolicyFields;
import dev.vmctl.model.VmName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads {@code depends-on} and {@code lifecycle.apply}. */
final class PolicyDecoder {
  private final NodeShape shape;
  private final ScalarDecoder scalars;
  private final Faults faults;

  PolicyDecoder(Findings findings, NodeShape shape, ScalarDecoder scalars) {
    this.shape = shape;
    this.scalars = scalars;
    this.faults = new Faults(findings);
  }

  /** The VMs named, each with how far it must be; what is wrong is reported and left out. */
  List<Dependency> dependencies(KdlNode node) {
    Field<?> field = PolicyFields.DEPENDS_ON;
    KdlNode written = named(node, field).get("until");
    String word = written == null ? null : scalars.word(NodeShape.part(field, "until"), written);
    Until until = word == null ? Until.READY : ScalarDecoder.constant(Until.class, word);
    List<Dependency> found = new ArrayList<>();
    if (node.arguments().isEmpty()) {
      shape.firstArgument(node, "the name of a VM", field.example());
    }
    for (KdlValue value : node.arguments()) {
      if (!(value instanceof KdlString text)) {
        faults.wrongType(node, value, Faults.TEXT, field.example());
        continue;
      }
      Optional<String> problem = VmName.problem(text.value());
      if (problem.isPresent()) {
        String message = Quoted.of(text.value()) + " is not a VM name: " + problem.get();
        faults.invalid(value, message, "name a VM as its vm node does");
      } else {
        found.add(new Dependency(new VmName(text.value()), until));
      }
    }
    return found;
  }

  @Nullable ApplyPolicy apply(KdlNode node) {
    Field<?> field = PolicyFields.APPLY;
    Map<String, KdlNode> parts = named(node, field);
    shape.noArgumentsFrom(1, node, field.example());
    Mode all = null;
    if (!node.arguments().isEmpty()) {
      KdlNode bare = node.withEntries(List.copyOf(node.arguments().subList(0, 1))).withBlock(null);
      String word = scalars.word(field, bare);
      if (word == null) {
        return null;
      }
      all = ScalarDecoder.constant(Mode.class, word);
    } else if (parts.isEmpty()) {
      shape.firstArgument(node, "\"auto\" or \"manual\"", field.example());
      return null;
    }
    return new ApplyPolicy(
        mode(parts, "live", all), mode(parts, "restart", all), mode(parts, "replace", all));
  }

  private @Nullable Mode mode(Map<String, KdlNode> parts, String name, @Nullable Mode otherwise) {
    KdlNode node = parts.get(name);
    if (node == null) {
      return otherwise;
    }
    String word = scalars.word(NodeShape.part(PolicyFields.APPLY, name), node);
    return word == null ? null : ScalarDecoder.constant(Mode.class, word);
  }

  private Map<String, KdlNode> named(KdlNode node, Field<?> field) {
    return shape.namedParts(
        node, NodeShape.name(node), NodeShape.names(field, ""), NodeShape::suggestion);
  }
}
