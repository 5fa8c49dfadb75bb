package dev.vmctl.vmfile;

import dev.vmctl.kdl.KdlNode;
import dev.vmctl.kdl.KdlString;
import dev.vmctl.kdl.KdlValue;
import dev.vmctl.model.EnvVariable;
import dev.vmctl.model.ProvisionStep;
import dev.vmctl.model.VmFields;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads {@code provision} nodes, with their parts in braces or as properties. */
final class ProvisionDecoder {
  private static final String INLINE = "provision \"shell\" { inline \"uname -a\" }";
  private static final String SCRIPT = "provision \"shell\" { script \"setup.sh\" }";
  private static final String FILE =
      "provision \"file\" { source \"a.conf\"; destination \"/etc/a.conf\" }";

  static final List<String> KINDS = List.of("shell", "file");

  private final Findings findings;
  private final NodeShape shape;
  private final ScalarDecoder scalars;
  private final Faults faults;
  private final PairsDecoder pairs;

  ProvisionDecoder(Findings findings, NodeShape shape, ScalarDecoder scalars) {
    this.findings = findings;
    this.shape = shape;
    this.scalars = scalars;
    this.faults = new Faults(findings);
    this.pairs = new PairsDecoder(findings, shape, scalars);
  }

  /** The step; null when what is wrong has been reported. Its files are added to the draft. */
  @Nullable ProvisionStep decode(KdlNode node, VmDraft draft) {
    KdlValue value = shape.firstArgument(node, "a kind of step, \"shell\" or \"file\"", INLINE);
    if (value == null) {
      return null;
    }
    if (!(value instanceof KdlString kind)) {
      faults.wrongType(node, value, Faults.TEXT, INLINE);
      return null;
    }
    return switch (kind.value()) {
      case "shell" -> shell(node, draft);
      case "file" -> file(node, draft);
      default -> {
        faults.unknownChoice(node, kind.value(), KINDS);
        yield null;
      }
    };
  }

  private @Nullable ProvisionStep shell(KdlNode node, VmDraft draft) {
    Map<String, KdlNode> parts = parts(node, "shell");
    KdlNode variables = parts.get("env");
    List<EnvVariable> env =
        variables == null ? List.of() : pairs.env(variables, "provision.env", draft);
    KdlNode inline = parts.get("inline");
    KdlNode script = parts.get("script");
    if (inline != null && script != null) {
      KdlNode second = inline.span().start() < script.span().start() ? script : inline;
      KdlNode first = second == inline ? script : inline;
      findings.add(
          VmFileCode.CONFLICT,
          second.name().span(),
          "a shell step has 'inline' or 'script', not both",
          "make two steps of it; they run in order",
          first.name().span(),
          "the other one");
      return null;
    }
    if (inline != null) {
      String text = scalars.lines(inline, INLINE);
      return text == null ? null : new ProvisionStep.Inline(text, env);
    }
    if (script != null) {
      Path path = hostFile(script, SCRIPT, "provision.script", draft);
      return path == null ? null : new ProvisionStep.Script(path, env);
    }
    missing(node, "a shell step needs 'inline' or 'script'", INLINE + ", or " + SCRIPT);
    return null;
  }

  private @Nullable ProvisionStep file(KdlNode node, VmDraft draft) {
    Map<String, KdlNode> parts = parts(node, "file");
    KdlNode source = parts.get("source");
    KdlNode destination = parts.get("destination");
    if (source == null || destination == null) {
      String which = source == null ? "source" : "destination";
      missing(node, "a file step needs a '" + which + "'", FILE);
    }
    Path from = source == null ? null : hostFile(source, FILE, "provision.source", draft);
    String to = destination == null ? null : scalars.text(destination, FILE);
    return from == null || to == null ? null : new ProvisionStep.FileCopy(from, to);
  }

  private Map<String, KdlNode> parts(KdlNode node, String kind) {
    return shape.namedParts(
        node,
        "provision '" + kind + "'",
        NodeShape.names(VmFields.PROVISION, kind),
        (name, names) -> help(kind, name, names));
  }

  private static String help(String kind, String name, Collection<String> known) {
    return switch (kind + " " + name) {
      case "shell source", "shell destination" -> "to copy a file: " + FILE;
      case "file inline" -> "to run a command: " + INLINE;
      case "file script" -> "to run a script: " + SCRIPT;
      default -> NodeShape.suggestion(name, known);
    };
  }

  private @Nullable Path hostFile(KdlNode part, String example, String field, VmDraft draft) {
    Path path = scalars.path(part, example);
    if (path != null) {
      draft.addFile(field, path, true, part.arguments().getFirst().span());
    }
    return path;
  }

  private void missing(KdlNode node, String message, String example) {
    findings.add(
        VmFileCode.MISSING_NODE,
        node.arguments().getFirst().span(),
        message,
        "write it like this: " + example);
  }
}
