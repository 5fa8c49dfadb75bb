package dev.vmctl.vmfile;

import dev.vmctl.kdl.KdlDocument;
import dev.vmctl.kdl.KdlNode;
import dev.vmctl.kdl.KdlString;
import dev.vmctl.kdl.KdlValue;
import dev.vmctl.model.BackendTag;
import dev.vmctl.model.VmFields;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads documents: their {@code vm} nodes, and what else should not be there. */
final class VmFileDecoder {
  private final Path file;
  private final Findings findings;
  private final Schema.Group schema;
  private final VmNodeDecoder vms;
  private final VmRules rules;
  private final Templates templates;
  private final @Nullable PolicyRules policy;

  VmFileDecoder(
      Path file,
      Findings findings,
      HostPaths paths,
      @Nullable BackendTag usual,
      @Nullable SourcePolicy policy) {
    this.file = file;
    this.findings = findings;
    this.schema = Schema.of(VmFields.ALL);
    this.vms = new VmNodeDecoder(file, findings, schema, paths);
    this.rules = new VmRules(findings, usual);
    this.templates = new Templates(file, findings, vms);
    this.policy = policy == null ? null : new PolicyRules(findings, policy);
  }

  /** The VMs; meaningless if there are errors among the findings. */
  List<DeclaredVm> decode(KdlDocument document) {
    document.nodes().forEach(this::annotations);
    List<VmDraft> drafts = new ArrayList<>();
    for (KdlNode node : document.nodes()) {
      if (findings.isFull()) {
        return List.of();
      }
      switch (node.name().value()) {
        case "vm" -> drafts.add(vms.decode(node));
        case "defaults" -> templates.addDefaults(node);
        case "template" -> templates.addTemplate(node);
        default -> unknown(node);
      }
    }
    if (drafts.isEmpty() && !findings.hasErrors()) {
      findings.add(
          VmFileCode.NO_VM,
          "this file declares no VM",
          "add one: vm \"web\" { " + VmFields.IMAGE.example() + " }");
    }
    List<DeclaredVm> declared =
        new Replicas(file, findings, vms, rules, policy).declare(drafts, templates);
    templates.checkAll();
    return declared;
  }

  private void unknown(KdlNode node) {
    String name = node.name().value();
    List<String> known = Construct.top().stream().map(construct -> construct.name).toList();
    findings.add(
        VmFileCode.UNKNOWN_NODE,
        node.name().span(),
        Quoted.of(name) + " means nothing here; a VMFile holds 'vm' nodes",
        schema
            .find(name)
            .map(
                path -> "it belongs into a VM: vm \"name\" { " + VmNodeDecoder.outline(path) + " }")
            .orElseGet(() -> NodeShape.suggestion(name, known)));
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
