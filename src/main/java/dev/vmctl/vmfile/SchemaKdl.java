package dev.vmctl.vmfile;

import dev.vmctl.kdl.KdlBlock;
import dev.vmctl.kdl.KdlDocument;
import dev.vmctl.kdl.KdlInteger;
import dev.vmctl.kdl.KdlNode;
import dev.vmctl.kdl.KdlProperty;
import dev.vmctl.kdl.KdlString;
import dev.vmctl.kdl.KdlWriter;
import dev.vmctl.model.Described;
import dev.vmctl.model.Field;
import dev.vmctl.model.Part;
import dev.vmctl.model.VmFields;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The schema in the KDL schema language 1.0.0, for editors; made from the same descriptors. */
public final class SchemaKdl {
  private static final String LABEL = "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$";

  private SchemaKdl() {}

  /** The document. */
  public static String text() {
    List<KdlNode> fields = nodes(Schema.of(VmFields.ALL));
    List<KdlNode> shared = new ArrayList<>();
    shared.add(node("use", 0, -1, Construct.USE.summary, value(1, -1, type("string"))));
    shared.addAll(fields);
    List<KdlNode> vm = new ArrayList<>();
    vm.add(
        node(
            "replicas",
            0,
            1,
            Construct.REPLICAS.summary,
            value(1, 1, type("number"), bound(">=", 1), bound("<=", Construct.MOST_REPLICAS))));
    vm.addAll(shared);
    KdlNode pattern = KdlNode.of("pattern", KdlString.of(LABEL));
    KdlNode document =
        holder(
            "document",
            holder(
                "info",
                KdlNode.of("title", KdlString.of("VMFile"), property("lang", "en")),
                KdlNode.of(
                    "description",
                    KdlString.of(
                        "Virtual machines kept by vmctl. Made from its field descriptors."),
                    property("lang", "en"))),
            node(
                "vm",
                1,
                -1,
                Construct.VM.summary,
                value(1, 1, type("string"), pattern),
                children(vm)),
            node("defaults", 0, 1, Construct.DEFAULTS.summary, children(fields)),
            node(
                "template",
                0,
                -1,
                Construct.TEMPLATE.summary,
                value(1, 1, type("string")),
                children(shared)));
    return KdlWriter.canonical(KdlDocument.of(List.of(document)));
  }

  private static List<KdlNode> nodes(Schema.Group group) {
    List<KdlNode> found = new ArrayList<>();
    for (Map.Entry<String, Schema> part : group.parts().entrySet()) {
      found.add(
          switch (part.getValue()) {
            case Schema.Leaf(Field<?> field) ->
                described(part.getKey(), field, field.repeatable() ? -1 : 1);
            case Schema.Group inner -> node(part.getKey(), 0, 1, "", children(nodes(inner)));
          });
    }
    return found;
  }

  /** A field or a part of one: its value, its parts as properties and, most of them, as nodes. */
  private static KdlNode described(String name, Described described, int most) {
    List<KdlNode> inner = new ArrayList<>();
    inner.add(value(described));
    for (Part part : described.parts()) {
      if (part.parts().isEmpty()) {
        inner.add(
            KdlNode.of("prop", KdlString.of(part.name()))
                .withBlock(KdlBlock.of(constraints(part).toList())));
      }
    }
    List<KdlNode> nodes =
        described.parts().stream()
            .filter(part -> !part.inline())
            .map(part -> described(part.name(), part, -1))
            .toList();
    if (described.kind() == Described.Kind.LABELS || described.kind() == Described.Kind.ENV) {
      inner.add(
          holder(
              "children",
              KdlNode.of("node").withBlock(KdlBlock.of(List.of(value(0, 1, type("string")))))));
    }
    if (!nodes.isEmpty()) {
      inner.add(children(nodes));
    }
    return node(name, 0, most, described.summary(), inner.toArray(KdlNode[]::new));
  }

  private static KdlNode value(Described described) {
    KdlNode[] constraints = constraints(described).toArray(KdlNode[]::new);
    return switch (described.kind()) {
      case FLAG, PROBE, DISKS, NICS, FORWARD, LABELS, ENV -> value(0, 0, constraints);
      case BOOLEAN, APPLY -> value(0, 1, constraints);
      case DEPENDENCY, TEXTS -> value(1, -1, constraints);
      case INTEGER,
          MEMORY,
          DISK_SIZE,
          DURATION,
          TEXT,
          LINES,
          PATH,
          CHOICE,
          NETWORK,
          PROVISION,
          SHARE ->
          value(1, 1, constraints);
    };
  }

  private static Stream<KdlNode> constraints(Described described) {
    return switch (described.kind()) {
      case INTEGER ->
          Stream.of(
                  Stream.of(type("number")),
                  Stream.ofNullable(described.minimum()).map(least -> bound(">=", least)),
                  Stream.ofNullable(described.maximum()).map(most -> bound("<=", most)))
              .flatMap(each -> each);
      // Numbers and texts with a unit: the schema language has no word for either of two.
      case MEMORY, DISK_SIZE, DURATION, FLAG, PROBE, DISKS, NICS, FORWARD, LABELS, ENV ->
          Stream.of();
      case TEXT, TEXTS, LINES, PATH, DEPENDENCY, SHARE -> Stream.of(type("string"));
      case BOOLEAN -> Stream.of(type("boolean"));
      case CHOICE, APPLY -> Stream.of(type("string"), oneOf(described.choices()));
      case NETWORK -> Stream.of(type("string"), oneOf(NetworkDecoder.KINDS));
      case PROVISION -> Stream.of(type("string"), oneOf(ProvisionDecoder.KINDS));
    };
  }

  private static KdlNode oneOf(List<String> words) {
    return KdlNode.of("enum", words.stream().map(KdlString::of).toArray(KdlString[]::new));
  }

  private static KdlNode type(String name) {
    return KdlNode.of("type", KdlString.of(name));
  }

  private static KdlNode bound(String sign, long number) {
    return KdlNode.of(sign, KdlInteger.of(number));
  }

  private static KdlProperty property(String key, String value) {
    return KdlProperty.of(key, KdlString.of(value));
  }

  private static KdlNode value(int least, int most, KdlNode... constraints) {
    return holder("value", counted(least, most, constraints));
  }

  private static KdlNode node(
      String name, int least, int most, String description, KdlNode... inner) {
    KdlNode node =
        description.isEmpty()
            ? KdlNode.of("node", KdlString.of(name))
            : KdlNode.of("node", KdlString.of(name), property("description", description));
    return node.withBlock(KdlBlock.of(List.of(counted(least, most, inner))));
  }

  private static KdlNode[] counted(int least, int most, KdlNode... inner) {
    Stream<KdlNode> minimum =
        least == 0 ? Stream.of() : Stream.of(KdlNode.of("min", KdlInteger.of(least)));
    Stream<KdlNode> maximum =
        most < 0 ? Stream.of() : Stream.of(KdlNode.of("max", KdlInteger.of(most)));
    return Stream.of(minimum, maximum, Stream.of(inner))
        .flatMap(each -> each)
        .toArray(KdlNode[]::new);
  }

  private static KdlNode children(List<KdlNode> nodes) {
    return holder("children", nodes.toArray(KdlNode[]::new));
  }

  private static KdlNode holder(String name, KdlNode... inner) {
    return KdlNode.of(name).withBlock(KdlBlock.of(List.of(inner)));
  }
}
