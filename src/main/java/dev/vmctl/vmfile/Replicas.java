package dev.vmctl.vmfile;

import dev.vmctl.kdl.KdlInteger;
import dev.vmctl.kdl.KdlNode;
import dev.vmctl.kdl.KdlSpan;
import dev.vmctl.kdl.KdlValue;
import dev.vmctl.model.FieldValues;
import dev.vmctl.model.ForwardSpec;
import dev.vmctl.model.MacAddress;
import dev.vmctl.model.NetworkSpec;
import dev.vmctl.model.VmFields;
import dev.vmctl.model.VmName;
import dev.vmctl.model.VmSpec;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Makes VMs of the {@code vm} nodes of a file: one of each, or several where {@code replicas} says.
 */
final class Replicas {
  private static final BigInteger MOST = BigInteger.valueOf(Construct.MOST_REPLICAS);

  private final Path file;
  private final Findings findings;
  private final NodeShape shape;
  private final Faults faults;
  private final VmNodeDecoder decoder;
  private final VmRules rules;
  private final @Nullable PolicyRules policy;
  private final Clashes clashes;

  /** The nodes by the names in the file and by those of their replicas. */
  private final Map<VmName, VmDraft> nodes = new HashMap<>();

  Replicas(
      Path file,
      Findings findings,
      VmNodeDecoder decoder,
      VmRules rules,
      @Nullable PolicyRules policy) {
    this.file = file;
    this.findings = findings;
    this.shape = new NodeShape(findings);
    this.faults = new Faults(findings);
    this.decoder = decoder;
    this.rules = rules;
    this.policy = policy;
    this.clashes = new Clashes(findings);
  }

  /** The VMs of these nodes, in order. */
  List<DeclaredVm> declare(List<VmDraft> drafts, Templates templates) {
    List<DeclaredVm> declared = new ArrayList<>(drafts.size());
    Dependencies dependencies = new Dependencies(findings);
    for (VmDraft draft : drafts) {
      if (findings.isFull()) {
        break;
      }
      templates.checkUses(draft);
      templates.apply(draft);
      FieldValues values = draft.values;
      rules.check(draft);
      clashes.check(draft);
      if (policy != null) {
        policy.check(draft);
      }
      VmName name = decoder.name(draft.node);
      if (name == null || !isFirst(name, draft)) {
        continue;
      }
      List<VmName> all = names(name, draft);
      dependencies.add(name, draft, all);
      for (VmName one : all) {
        if (one.equals(name) || isFirst(one, draft)) {
          Spot spot = new Spot(file, draft.nameSpan());
          declared.add(new DeclaredVm(spot, VmSpec.of(one, values), draft.files));
        }
      }
    }
    return dependencies.resolve(declared);
  }

  private boolean isFirst(VmName name, VmDraft draft) {
    VmDraft earlier = nodes.putIfAbsent(name, draft);
    if (earlier == null) {
      return true;
    }
    findings.add(
        VmFileCode.DUPLICATE_VM,
        draft.nameSpan(),
        "VM '" + name + "' is declared twice",
        "rename or remove one of them",
        earlier.nameSpan(),
        name.value().equals(earlier.nameText()) ? "the first one" : "declares it by its replicas");
    return false;
  }

  private List<VmName> names(VmName name, VmDraft draft) {
    KdlNode node = replicas(draft);
    if (node == null) {
      return List.of(name);
    }
    Integer count = count(node);
    if (count == null) {
      return List.of();
    }
    VmName.problem(name.value() + "-" + count)
        .ifPresent(
            problem ->
                findings.add(
                    VmFileCode.INVALID_NAME,
                    draft.nameSpan(),
                    "the name is too long for " + count + " replicas: " + problem,
                    "leave room for \"-" + count + "\" at its end",
                    node.span(),
                    "replicas"));
    if (count > 1) {
      shared(draft, node);
    }
    List<VmName> all = new ArrayList<>(count);
    for (int i = 1; i <= count; i++) {
      String replica = name.value() + "-" + i;
      if (VmName.problem(replica).isEmpty()) {
        all.add(new VmName(replica));
      }
    }
    return all;
  }

  private @Nullable KdlNode replicas(VmDraft draft) {
    KdlNode found = null;
    for (KdlNode construct : draft.constructs) {
      if (construct.name().value().equals(Construct.REPLICAS.name)
          && shape.isFirst(construct, found)) {
        found = construct;
      }
    }
    return found;
  }

  private @Nullable Integer count(KdlNode node) {
    KdlValue value = shape.onlyArgument(node, Construct.REPLICAS.value, Construct.REPLICAS.example);
    if (value == null) {
      return null;
    }
    if (!(value instanceof KdlInteger number)) {
      faults.wrongType(node, value, "a whole number", Construct.REPLICAS.example);
      return null;
    }
    if (number.value().signum() < 1 || number.value().compareTo(MOST) > 0) {
      findings.add(
          VmFileCode.OUT_OF_RANGE,
          value.span(),
          "'replicas' must lie between 1 and " + MOST,
          Construct.REPLICAS.summary);
      return null;
    }
    return number.value().intValueExact();
  }

  /** What one VM can have and several cannot. */
  private void shared(VmDraft draft, KdlNode replicas) {
    if (draft.values.get(VmFields.NETWORK) instanceof NetworkSpec.Vnic vnic) {
      KdlNode node = draft.nodeOf(VmFields.NETWORK);
      KdlSpan span = node == null ? draft.nameSpan() : node.span();
      findings.add(
          VmFileCode.CONFLICT,
          span,
          "several VMs cannot share the VNIC " + Quoted.of(vnic.name()),
          "write a 'vm' node for each, with a VNIC of its own",
          replicas.span(),
          "makes several VMs of this one");
    }
    for (VmDraft.Placed<ForwardSpec> placed : draft.items(VmFields.FORWARD, ForwardSpec.class)) {
      findings.add(
          VmFileCode.PORT_CLASH,
          placed.node().span(),
          "several VMs cannot all listen on " + placed.value().listens(),
          "write a 'vm' node for each, with a port of its own",
          replicas.span(),
          "makes several VMs of this one");
    }
    for (VmDraft.Located<MacAddress> mac : draft.macs()) {
      findings.add(
          VmFileCode.MAC_CLASH,
          mac.span(),
          "several VMs cannot have the address " + mac.value(),
          "leave it to vmctl, or write a 'vm' node for each",
          replicas.span(),
          "makes several VMs of this one");
    }
    KdlNode hostname = draft.nodeOf(VmFields.CLOUD_INIT_HOSTNAME);
    if (hostname != null) {
      findings.add(
          VmFileCode.HOSTNAME,
          hostname.span(),
          "several VMs get the same host name",
          "remove it: each is called by its own name then, such as web-1",
          replicas.span(),
          "makes several VMs of this one");
    }
  }
}
