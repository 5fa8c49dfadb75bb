package dev.vmctl.vmfile;

import dev.vmctl.kdl.KdlDocument;
import dev.vmctl.kdl.KdlNode;
import dev.vmctl.kdl.KdlString;
import dev.vmctl.kdl.KdlValue;
import dev.vmctl.model.BackendTag;
import dev.vmctl.model.VmFields;
import dev.vmctl.model.VmName;
import dev.vmctl.model.VmSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads documents: their {@code vm} nodes, and what else should not be there. */
final class VmFileDecoder {
  private static final String VM = "vm";

  private final Path file;
  private final Findings findings;
  private final Schema.Group schema;
  private final VmNodeDecoder vms;
  private final VmRules rules;
  private final Clashes clashes;

  VmFileDecoder(Path file, Findings findings, HostPaths paths, @Nullable BackendTag usual) {
    this.file = file;
    this.findings = findings;
    this.schema = Schema.of(VmFields.ALL);
    this.vms = new VmNodeDecoder(file, findings, schema, paths);
    this.rules = new VmRules(findings, usual);
    this.clashes = new Clashes(findings);
  }

  /** The VMs; meaningless if there are errors among the findings. */
  List<DeclaredVm> decode(KdlDocument document) {
    List<DeclaredVm> declared = new ArrayList<>();
    Map<VmName, KdlNode> names = new HashMap<>();
    document.nodes().forEach(this::annotations);
    for (KdlNode node : document.nodes()) {
      if (findings.isFull()) {
        break;
      }
      if (!node.name().value().equals(VM)) {
        unknown(node);
        continue;
      }
      VmName name = vms.name(node);
      VmDraft draft = vms.decode(node);
      rules.check(draft);
      clashes.check(draft);
      if (name != null && isFirst(name, draft, names.putIfAbsent(name, node))) {
        VmSpec spec = VmSpec.of(name, draft.values);
        declared.add(new DeclaredVm(new Spot(file, draft.nameSpan()), spec, draft.files));
      }
    }
    if (document.nodes().isEmpty()) {
      findings.add(
          VmFileCode.NO_VM,
          "this file declares no VM",
          "add one: vm \"web\" { " + VmFields.IMAGE.example() + " }");
    }
    return declared;
  }

  private boolean isFirst(VmName name, VmDraft draft, @Nullable KdlNode earlier) {
    if (earlier == null) {
      return true;
    }
    findings.add(
        VmFileCode.DUPLICATE_VM,
        draft.nameSpan(),
        "VM '" + name + "' is declared twice",
        "the first is at line " + earlier.name().span().line() + "; rename or remove one of them");
    return false;
  }

  private void unknown(KdlNode node) {
    String name = node.name().value();
    findings.add(
        VmFileCode.UNKNOWN_NODE,
        node.name().span(),
        Quoted.of(name) + " means nothing here; a VMFile holds 'vm' nodes",
        schema
            .find(name)
            .map(
                path -> "it belongs into a VM: vm \"name\" { " + VmNodeDecoder.outline(path) + " }")
            .orElseGet(() -> NodeShape.suggestion(name, List.of(VM))));
  }

  private void annotations(KdlNode node) {
    annotation(node.type());
    for (KdlValue value : node.arguments()) {
      annotation(value.type());
    }
    node.properties().forEach(property -> annotation(property.value().type()));
    node.children().forEach(this::annotations);
  }

  private void annotation(@Nullable KdlString type) {
    if (type != null) {
      findings.add(
          VmFileCode.TYPE_ANNOTATION,
          type.span(),
          "the type annotation " + Quoted.of(type.value()) + " has no effect",
          "remove it with its parentheses");
    }
  }
}
