package dev.vmctl.vmfile;

import dev.vmctl.kdl.KdlEntry;
import dev.vmctl.kdl.KdlNode;
import dev.vmctl.kdl.KdlProperty;
import dev.vmctl.kdl.KdlString;
import dev.vmctl.kdl.KdlValue;
import dev.vmctl.model.Field;
import dev.vmctl.model.VmFields;
import dev.vmctl.model.VmName;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads {@code vm} nodes along the schema. */
final class VmNodeDecoder {
  private static final String EXAMPLE = "vm \"web\" { … }";

  /** Properties of a field that are another way to write a field of their own. */
  private static final Map<Field<?>, Map<String, Field<?>>> ASIDE =
      Map.of(
          VmFields.IMAGE, Map.of("sha256", VmFields.IMAGE_SHA256),
          VmFields.IMAGE_URL, Map.of("sha256", VmFields.IMAGE_SHA256),
          VmFields.VCPUS, Map.of("max", VmFields.VCPUS_MAX),
          VmFields.MEMORY, Map.of("max", VmFields.MEMORY_MAX));

  private final Path file;
  private final Findings findings;
  private final Schema.Group schema;
  private final NodeShape shape;
  private final ScalarDecoder scalars;
  private final Faults faults;
  private final NetworkDecoder networks;
  private final ProvisionDecoder provisions;
  private final DiskDecoder disks;
  private final NicDecoder nics;
  private final ForwardDecoder forwards;
  private final ShareDecoder shares;
  private final PairsDecoder pairs;
  private final PolicyDecoder policies;
  private final ProbeDecoder probes;

  VmNodeDecoder(Path file, Findings findings, Schema.Group schema, HostPaths paths) {
    this.file = file;
    this.findings = findings;
    this.schema = schema;
    this.shape = new NodeShape(findings);
    this.faults = new Faults(findings);
    this.scalars = new ScalarDecoder(findings, shape, paths);
    this.networks = new NetworkDecoder(findings, shape, scalars);
    this.provisions = new ProvisionDecoder(findings, shape, scalars);
    this.disks = new DiskDecoder(findings, shape, scalars);
    this.nics = new NicDecoder(findings, shape, scalars, networks);
    this.forwards = new ForwardDecoder(findings, shape, scalars);
    this.shares = new ShareDecoder(findings, shape, scalars);
    this.pairs = new PairsDecoder(findings, shape, scalars);
    this.policies = new PolicyDecoder(findings, shape, scalars);
    this.probes = new ProbeDecoder(findings, shape, scalars);
  }

  /** What the node says. Whether that is any good is in the findings. */
  VmDraft decode(KdlNode node) {
    VmDraft draft = new VmDraft(file, node);
    for (KdlProperty property : node.properties()) {
      String key = property.key().value();
      findings.add(
          VmFileCode.UNKNOWN_PROPERTY,
          property.key().span(),
          "'vm' takes no property " + Quoted.of(key),
          schema.names().contains(key)
              ? "write it in the braces: " + key + " " + property.value().span().text()
              : NodeShape.suggestion(key, schema.names()));
    }
    body(node, draft);
    return draft;
  }

  /** Reads what stands in the braces of a {@code vm}, a {@code template} or {@code defaults}. */
  void body(KdlNode node, VmDraft draft) {
    group(schema, node.children(), draft);
  }

  /** The node's name; null when it has none that can be used, which is then reported. */
  @Nullable VmName name(KdlNode node) {
    KdlValue value = shape.firstArgument(node, "a name", EXAMPLE);
    if (value == null) {
      return null;
    }
    if (!(value instanceof KdlString text)) {
      faults.wrongType(node, value, Faults.TEXT, EXAMPLE);
      return null;
    }
    Optional<String> problem = VmName.problem(text.value());
    if (problem.isEmpty()) {
      return new VmName(text.value());
    }
    findings.add(
        VmFileCode.INVALID_NAME,
        value.span(),
        Quoted.of(text.value()) + " is not a VM name: " + problem.get(),
        similarName(text.value())
            .map(name -> "use \"" + name + "\", or another of up to 63 a–z, 0–9 and hyphens")
            .orElse("use 1 to 63 of a–z, 0–9 and hyphens, such as \"web-1\""));
    return null;
  }

  private static Optional<String> similarName(String text) {
    String start = text.substring(0, Math.min(text.length(), VmName.MAX_LENGTH));
    String plain =
        start.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-").replaceAll("^-|-$", "");
    return VmName.problem(plain).isEmpty() ? Optional.of(plain) : Optional.empty();
  }

  private void group(Schema.Group group, List<KdlNode> parts, VmDraft draft) {
    Map<String, KdlNode> seen = new HashMap<>();
    for (KdlNode part : parts) {
      if (findings.isFull()) {
        return;
      }
      String name = part.name().value();
      switch (group.part(name)) {
        case null -> {
          if (group != schema || !draft.construct(part)) {
            unknown(group, part);
          }
        }
        case Schema.Group inner -> {
          shape.noArgumentsFrom(0, part, name + " { " + inner.example() + " }");
          if (shape.isFirst(part, seen.putIfAbsent(name, part))) {
            group(inner, NodeShape.parts(part), draft);
          }
        }
        case Schema.Leaf(Field<?> field) -> {
          draft.place(field, part);
          if (field.repeatable() || shape.isFirst(part, seen.putIfAbsent(name, part))) {
            leaf(field, asideTaken(field, part, seen, draft), draft);
          }
        }
      }
    }
  }

  /**
   * Reads a property that is another way to write a field of its own, such as {@code sha256} of an
   * image.
   *
   * @return the node without it
   */
  private KdlNode asideTaken(
      Field<?> field, KdlNode node, Map<String, KdlNode> seen, VmDraft draft) {
    KdlNode rest = node;
    for (Map.Entry<String, Field<?>> aside : ASIDE.getOrDefault(field, Map.of()).entrySet()) {
      Optional<KdlProperty> property = node.property(aside.getKey());
      if (property.isEmpty()) {
        continue;
      }
      List<KdlEntry> others = new ArrayList<>(node.entries());
      others.remove(property.get());
      KdlNode part =
          NodeShape.parts(node).stream()
              .filter(each -> each.name().equals(property.get().key()))
              .findFirst()
              .orElseThrow();
      Field<?> meant = aside.getValue();
      draft.place(meant, part);
      if (shape.isFirst(part, seen.putIfAbsent(meant.path(), part))) {
        leaf(meant, part, draft);
      }
      rest = node.withEntries(others);
    }
    return rest;
  }

  private void unknown(Schema.Group group, KdlNode part) {
    String name = part.name().value();
    String owner = group.path().isEmpty() ? "vm" : group.path();
    String help =
        schema
            .find(name)
            .map(
                path ->
                    path.size() == 1
                        ? "it belongs directly into the braces of 'vm'"
                        : "it belongs elsewhere: " + outline(path))
            .orElseGet(() -> NodeShape.suggestion(name, known(group)));
    findings.add(
        NodeShape.unknown(part),
        part.name().span(),
        Quoted.of(name) + " means nothing in '" + owner + "'",
        help);
  }

  private Collection<String> known(Schema.Group group) {
    List<String> names = new ArrayList<>(group.names());
    if (group == schema) {
      Construct.inVm().forEach(construct -> names.add(construct.name));
    }
    return names;
  }

  /** A node in the braces around it. */
  static String outline(List<String> path) {
    return String.join(" { ", path) + " …" + " }".repeat(path.size() - 1);
  }

  private void leaf(Field<?> field, KdlNode node, VmDraft draft) {
    Object value = value(field, node, draft);
    if (value == null) {
      return;
    }
    if (!field.repeatable()) {
      draft.values.putUnchecked(field, value);
    } else if (value instanceof List<?> several) {
      several.forEach(each -> draft.add(field, each, node));
    } else {
      draft.add(field, value, node);
    }
  }

  private @Nullable Object value(Field<?> field, KdlNode node, VmDraft draft) {
    return switch (field.kind()) {
      case INTEGER -> integer(field, node);
      case MEMORY -> scalars.size(field, node, Quantity.MEBIBYTE, Quantity.MEBIBYTE);
      case DISK_SIZE -> scalars.size(field, node, Quantity.GIBIBYTE, 0);
      case DURATION -> scalars.duration(field, node);
      case TEXT -> scalars.text(node, field.example());
      case LINES -> scalars.lines(node, field.example());
      case TEXTS -> scalars.texts(node, field.example());
      case PATH -> path(field, node, draft);
      case BOOLEAN, FLAG -> scalars.bool(field, node);
      case CHOICE -> scalars.choice(field, node);
      case NETWORK -> networks.decode(node);
      case PROVISION -> provisions.decode(node, draft);
      case DISKS -> disks.decode(node, draft);
      case NICS -> nics.decode(node, draft);
      case FORWARD -> forwards.decode(node);
      case SHARE -> shares.decode(node, draft);
      case LABELS -> pairs.labels(node);
      case ENV -> pairs.env(node, "env", draft);
      case APPLY -> policies.apply(node);
      case DEPENDENCY -> policies.dependencies(node);
      case PROBE -> probes.decode(field, node);
    };
  }

  private @Nullable Object integer(Field<?> field, KdlNode node) {
    Long number = scalars.integer(field, node);
    return number != null && field.type() == Integer.class
        ? (Object) Math.toIntExact(number)
        : number;
  }

  private @Nullable Path path(Field<?> field, KdlNode node, VmDraft draft) {
    Path path = scalars.path(node, field.example());
    if (path != null) {
      draft.addFile(field.path(), path, field.contentCounts(), node.arguments().getFirst().span());
    }
    return path;
  }
}
