package dev.vmctl.vmfile;

import dev.vmctl.kdl.KdlNode;
import dev.vmctl.kdl.KdlString;
import dev.vmctl.kdl.KdlValue;
import dev.vmctl.model.EnvVariable;
import dev.vmctl.model.Labels;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reads nodes whose parts have names of the user's choice: {@code labels}, {@code env}. */
final class PairsDecoder {
  private static final String LABELS = "labels { tier \"web\" }";
  private static final String ENV = "env { STAGE \"test\"; TOKEN file=\"token.txt\" }";

  private final Findings findings;
  private final NodeShape shape;
  private final ScalarDecoder scalars;
  private final Faults faults;

  PairsDecoder(Findings findings, NodeShape shape, ScalarDecoder scalars) {
    this.findings = findings;
    this.shape = shape;
    this.scalars = scalars;
    this.faults = new Faults(findings);
  }

  Map<String, String> labels(KdlNode node) {
    shape.noArgumentsFrom(0, node, LABELS);
    Map<String, String> labels = new TreeMap<>();
    for (KdlNode part : distinct(node)) {
      String key = part.name().value();
      Optional<String> problem = Labels.keyProblem(key);
      problem.ifPresent(
          why ->
              findings.add(
                  VmFileCode.INVALID_VALUE,
                  part.name().span(),
                  Quoted.of(key) + " cannot be the name of a label: " + why,
                  "write it like this: " + LABELS));
      String value = labelValue(part);
      if (value != null && problem.isEmpty()) {
        labels.put(key, value);
      }
    }
    return labels;
  }

  private @Nullable String labelValue(KdlNode part) {
    KdlValue value = shape.onlyArgument(part, Faults.TEXT, LABELS);
    if (value == null) {
      return null;
    }
    if (!(value instanceof KdlString text)) {
      faults.wrongType(part, value, Faults.TEXT, LABELS);
      return null;
    }
    Optional<String> problem = Labels.valueProblem(text.value());
    problem.ifPresent(
        why ->
            faults.invalid(
                value,
                Quoted.of(text.value()) + " cannot be the value of a label: " + why,
                "keep it short; what is longer belongs into a comment"));
    return problem.isEmpty() ? text.value() : null;
  }

  /**
   * The variables; the files that hold their values are added to the draft's.
   *
   * @param field path of the node, for messages about its files
   */
  List<EnvVariable> env(KdlNode node, String field, VmDraft draft) {
    shape.noArgumentsFrom(0, node, ENV);
    List<EnvVariable> variables = new ArrayList<>();
    for (KdlNode part : distinct(node)) {
      if (EnvVariable.isName(part.name().value())) {
        Optional.ofNullable(variable(part, field, draft)).ifPresent(variables::add);
      } else {
        findings.add(
            VmFileCode.INVALID_VALUE,
            part.name().span(),
            Quoted.of(part.name().value()) + " cannot be the name of a variable",
            "use letters, digits and underscores, no digit first");
      }
    }
    return variables;
  }

  private @Nullable EnvVariable variable(KdlNode part, String field, VmDraft draft) {
    String name = part.name().value();
    if (part.properties().isEmpty() && part.block() == null) {
      String value = text(part);
      return value == null ? null : new EnvVariable(name, value, null);
    }
    shape.noArgumentsFrom(0, part, ENV);
    KdlNode file =
        shape.namedParts(part, "a variable", List.of("file"), NodeShape::suggestion).get("file");
    Path path = file == null ? null : scalars.path(file, ENV);
    if (file == null || path == null) {
      return null;
    }
    draft.addFile(field + ".file", path, true, file.arguments().getFirst().span());
    return new EnvVariable(name, null, path);
  }

  /** Any text, also an empty one: an empty variable is not the same as none. */
  private @Nullable String text(KdlNode part) {
    KdlValue value = shape.firstArgument(part, "a value", ENV);
    if (value == null) {
      return null;
    }
    if (!(value instanceof KdlString text)) {
      faults.wrongType(part, value, Faults.TEXT, ENV);
      return null;
    }
    if (text.value().indexOf('\0') >= 0) {
      faults.invalid(value, NodeShape.name(part) + " may not hold a NUL character", "");
      return null;
    }
    return text.value();
  }

  private List<KdlNode> distinct(KdlNode node) {
    Map<String, KdlNode> seen = new HashMap<>();
    return NodeShape.parts(node).stream()
        .filter(part -> shape.isFirst(part, seen.putIfAbsent(part.name().value(), part)))
        .toList();
  }
}
