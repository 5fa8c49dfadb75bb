package dev.vmctl.vmfile;

import dev.vmctl.kdl.KdlNode;
import dev.vmctl.kdl.KdlValue;
import dev.vmctl.model.Field;
import dev.vmctl.model.Part;
import dev.vmctl.model.PolicyFields;
import dev.vmctl.model.ProbeCheck;
import dev.vmctl.model.ProbeSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/** Reads {@code ready} and {@code liveness} nodes. */
final class ProbeDecoder {
  /** A longer one is a mistake, and nested deeply enough it cannot even be compiled. */
  private static final int LONGEST_REGEX = 1000;

  private final Findings findings;
  private final NodeShape shape;
  private final ScalarDecoder scalars;
  private final Faults faults;

  /** What one node says, as far as it was read. */
  private static final class Draft {
    final List<ProbeCheck> checks = new ArrayList<>();
    final Map<String, KdlNode> seen = new HashMap<>();
    @Nullable Duration timeout;
    @Nullable Duration interval;
    @Nullable Integer failures;
    boolean failed;
  }

  ProbeDecoder(Findings findings, NodeShape shape, ScalarDecoder scalars) {
    this.findings = findings;
    this.shape = shape;
    this.scalars = scalars;
    this.faults = new Faults(findings);
  }

  /** The probe; null when what is wrong has been reported. */
  @Nullable ProbeSpec decode(Field<?> field, KdlNode node) {
    shape.noArgumentsFrom(0, node, field.example());
    Draft draft = new Draft();
    draft.failed = !node.arguments().isEmpty();
    List<String> names = NodeShape.names(field, "");
    for (KdlNode part : NodeShape.parts(node)) {
      String name = part.name().value();
      if (names.contains(name)) {
        part(NodeShape.part(field, name), part, draft);
      } else {
        draft.failed = true;
        findings.add(
            NodeShape.unknown(part),
            part.name().span(),
            Quoted.of(name) + " means nothing in '" + field.path() + "'",
            NodeShape.suggestion(name, names));
      }
    }
    if (draft.failed) {
      return null;
    }
    if (draft.checks.isEmpty() && field == PolicyFields.READY && !draft.seen.isEmpty()) {
      draft.checks.add(new ProbeCheck.Ssh());
    }
    if (draft.checks.isEmpty()) {
      findings.add(
          VmFileCode.MISSING_NODE,
          node.name().span(),
          NodeShape.name(node) + " needs a check",
          "write it like this: " + field.example());
      return null;
    }
    return new ProbeSpec(draft.checks, draft.timeout, draft.interval, draft.failures);
  }

  private void part(Part part, KdlNode node, Draft draft) {
    Object value =
        switch (part.name()) {
          case "timeout", "interval" -> once(node, draft) ? scalars.duration(part, node) : null;
          case "failures" -> once(node, draft) ? scalars.integer(part, node) : null;
          default -> check(part, node);
        };
    switch (value) {
      case null -> draft.failed = true;
      case ProbeCheck check -> draft.checks.add(check);
      case Duration time when part.name().equals("timeout") -> draft.timeout = time;
      case Duration time -> draft.interval = time;
      case Long number -> draft.failures = Math.toIntExact(number);
      default -> throw new IllegalStateException(part.name());
    }
  }

  private boolean once(KdlNode node, Draft draft) {
    return shape.isFirst(node, draft.seen.putIfAbsent(node.name().value(), node));
  }

  private @Nullable ProbeCheck check(Part part, KdlNode node) {
    return switch (part.name()) {
      case "ssh" -> isFlag(part, node) ? new ProbeCheck.Ssh() : null;
      case "agent" -> isFlag(part, node) ? new ProbeCheck.Agent() : null;
      case "tcp" -> {
        Long port = scalars.integer(part, node);
        yield port == null ? null : new ProbeCheck.Tcp(Math.toIntExact(port));
      }
      case "http" -> http(part, node);
      case "exec" -> {
        String command = scalars.lines(node, part.example());
        yield command == null ? null : new ProbeCheck.Exec(command);
      }
      case "log" -> log(part, node);
      default -> throw new IllegalStateException(part.name());
    };
  }

  private boolean isFlag(Part part, KdlNode node) {
    shape.plain(node, part.example());
    shape.noArgumentsFrom(0, node, part.example());
    return node.entries().isEmpty() && node.block() == null;
  }

  private @Nullable ProbeCheck http(Part part, KdlNode node) {
    KdlNode given =
        shape
            .namedParts(node, "'http'", NodeShape.names(part, ""), NodeShape::suggestion)
            .get("port");
    Long port = (long) ProbeCheck.Http.DEFAULT_PORT;
    if (given != null) {
      port = scalars.integer(NodeShape.part(part, "port"), given);
    }
    KdlNode bare = node.withEntries(List.copyOf(node.arguments())).withBlock(null);
    String path = scalars.text(bare, part.example());
    if (path == null || port == null) {
      return null;
    }
    if (!path.startsWith("/") || path.chars().anyMatch(c -> c <= ' ' || c > '~')) {
      KdlValue value = node.arguments().getFirst();
      String message = Quoted.of(path) + " is not the path of a URL";
      faults.invalid(value, message, "it begins with /, as in: " + part.example());
      return null;
    }
    return new ProbeCheck.Http(path, Math.toIntExact(port));
  }

  private @Nullable ProbeCheck log(Part part, KdlNode node) {
    String regex = scalars.text(node, part.example());
    if (regex == null) {
      return null;
    }
    if (regex.length() > LONGEST_REGEX) {
      KdlValue value = node.arguments().getFirst();
      faults.invalid(value, "this regular expression is too long", "look for a part of the line");
      return null;
    }
    try {
      Pattern.compile(regex);
      return new ProbeCheck.Log(regex);
    } catch (PatternSyntaxException e) {
      String help = e.getDescription() + "; a character that is meant as itself follows a \\";
      KdlValue value = node.arguments().getFirst();
      faults.invalid(value, Quoted.of(regex) + " is not a regular expression", help);
      return null;
    }
  }
}
