package dev.vmctl.vmfile;

import dev.vmctl.kdl.KdlBoolean;
import dev.vmctl.kdl.KdlDecimal;
import dev.vmctl.kdl.KdlInteger;
import dev.vmctl.kdl.KdlNode;
import dev.vmctl.kdl.KdlNull;
import dev.vmctl.kdl.KdlProperty;
import dev.vmctl.kdl.KdlSpan;
import dev.vmctl.kdl.KdlSpecial;
import dev.vmctl.kdl.KdlString;
import dev.vmctl.kdl.KdlValue;
import dev.vmctl.model.Described;
import dev.vmctl.model.NearestName;
import dev.vmctl.model.Part;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** Checks what a node is made of, before anybody asks what it means. */
final class NodeShape {
  private final Findings findings;

  NodeShape(Findings findings) {
    this.findings = findings;
  }

  /**
   * The one value of a node that takes nothing else; null if there is none, which is then reported.
   *
   * @param expected what the value is, such as "a whole number"
   * @param example how the node is written
   */
  @Nullable KdlValue onlyArgument(KdlNode node, String expected, String example) {
    plain(node, example);
    return firstArgument(node, expected, example);
  }

  /** The first value of a node; null if there is none. Reports that, and every further one. */
  @Nullable KdlValue firstArgument(KdlNode node, String expected, String example) {
    List<KdlValue> arguments = node.arguments();
    if (arguments.isEmpty()) {
      findings.add(
          VmFileCode.MISSING_ARGUMENT,
          node.name().span(),
          name(node) + " needs " + expected,
          "write it like this: " + example);
      return null;
    }
    noArgumentsFrom(1, node, example);
    return arguments.getFirst();
  }

  /** Reports every value from the given one on. */
  void noArgumentsFrom(int first, KdlNode node, String example) {
    List<KdlValue> arguments = node.arguments();
    for (KdlValue extra : arguments.subList(Math.min(first, arguments.size()), arguments.size())) {
      findings.add(
          VmFileCode.EXTRA_ARGUMENT,
          extra.span(),
          name(node) + (first == 0 ? " takes no value" : " takes one value only"),
          "write it like this: " + example);
    }
  }

  /** Reports properties and braces. */
  void plain(KdlNode node, String example) {
    for (KdlProperty property : node.properties()) {
      findings.add(
          VmFileCode.UNKNOWN_PROPERTY,
          property.key().span(),
          name(node) + " takes no property " + Quoted.of(property.key().value()),
          "write it like this: " + example);
    }
    if (node.block() != null) {
      KdlSpan block = node.block().span();
      findings.add(
          VmFileCode.UNEXPECTED_CHILDREN,
          new KdlSpan(block.source(), block.start(), block.start(), block.start() + 1),
          name(node) + " takes no braces",
          "write it like this: " + example);
    }
  }

  /** What stands in a node's braces, and its properties as if they stood there. */
  static List<KdlNode> parts(KdlNode node) {
    List<KdlNode> parts = new ArrayList<>();
    for (KdlProperty property : node.properties()) {
      parts.add(
          new KdlNode(
              null,
              property.key(),
              List.of(property.value()),
              null,
              property.span(),
              KdlSpan.NONE));
    }
    parts.addAll(node.children());
    return parts;
  }

  /**
   * The parts of a node by name, each once; others are reported.
   *
   * @param help what to do about an unknown part, given its name and the known ones
   */
  Map<String, KdlNode> namedParts(
      KdlNode node,
      String owner,
      Collection<String> known,
      BiFunction<String, Collection<String>, String> help) {
    Map<String, KdlNode> named = new LinkedHashMap<>();
    for (KdlNode part : parts(node)) {
      String name = part.name().value();
      if (!known.contains(name)) {
        findings.add(
            unknown(part),
            part.name().span(),
            Quoted.of(name) + " means nothing in " + owner,
            help.apply(name, known));
      } else if (isFirst(part, named.get(name))) {
        named.put(name, part);
      }
    }
    return named;
  }

  /** The code for a part of an unknown name; only what stands in braces has an end of its own. */
  static VmFileCode unknown(KdlNode part) {
    return part.tail().isKnown() ? VmFileCode.UNKNOWN_NODE : VmFileCode.UNKNOWN_PROPERTY;
  }

  /** Whether a node is the first of its name; otherwise it is reported. */
  boolean isFirst(KdlNode node, @Nullable KdlNode earlier) {
    if (earlier == null) {
      return true;
    }
    findings.add(
        VmFileCode.DUPLICATE_NODE,
        node.name().span(),
        name(node) + " is given twice",
        "keep one of them",
        earlier.name().span(),
        "the first one");
    return false;
  }

  /** The names of the parts that go with that word of the field. */
  static List<String> names(Described field, String word) {
    return field.parts().stream().filter(part -> part.goesWith(word)).map(Part::name).toList();
  }

  /** The part of that name. */
  static Part part(Described field, String name) {
    return field.parts().stream()
        .filter(part -> part.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  static String name(KdlNode node) {
    return Quoted.of(node.name().value());
  }

  /** What kind of value it is, for messages. */
  static String describe(KdlValue value) {
    return switch (value) {
      case KdlString text -> "text";
      case KdlInteger number -> "a number";
      case KdlDecimal number -> "a number with a fraction";
      case KdlSpecial special -> special.kind().keyword();
      case KdlBoolean bool -> bool.value() ? "#true" : "#false";
      case KdlNull nothing -> "#null";
    };
  }

  /** "did you mean", or what there is to choose from. */
  static String suggestion(String written, Collection<String> known) {
    if (known.isEmpty()) {
      return "remove it";
    }
    return NearestName.of(written, known)
        .map(name -> "did you mean '" + name + "'?")
        .orElseGet(() -> "known here: " + String.join(", ", known));
  }
}
