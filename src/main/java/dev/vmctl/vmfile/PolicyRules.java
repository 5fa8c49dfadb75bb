package dev.vmctl.vmfile;

import dev.vmctl.kdl.KdlNode;
import dev.vmctl.kdl.KdlSpan;
import dev.vmctl.model.Field;
import dev.vmctl.model.ForwardSpec;
import dev.vmctl.model.NetworkSpec;
import dev.vmctl.model.NicSpec;
import dev.vmctl.model.ShareSpec;
import dev.vmctl.model.VmFields;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Holds a {@code vm} node against what its source may declare. */
final class PolicyRules {
  private static final String LOOPBACK = "127.";

  private final Findings findings;
  private final SourcePolicy policy;

  PolicyRules(Findings findings, SourcePolicy policy) {
    this.findings = findings;
    this.policy = policy;
  }

  void check(VmDraft draft) {
    files(draft);
    for (VmDraft.Placed<ShareSpec> share : draft.items(VmFields.SHARE, ShareSpec.class)) {
      refuse(Allowance.SHARES, share.node(), "share a directory of this host");
    }
    for (VmDraft.Placed<ForwardSpec> forward : draft.items(VmFields.FORWARD, ForwardSpec.class)) {
      if (!forward.value().bind().startsWith(LOOPBACK)) {
        refuse(
            Allowance.PUBLIC_BINDS,
            forward.node(),
            "open port " + forward.value().hostPort() + " of this host to others");
      }
    }
    networks(draft);
    refuseIfDeclared(draft, VmFields.IMAGE_BUILD, Allowance.IMAGE_BUILDS, "run a program here");
  }

  private void files(VmDraft draft) {
    if (policy.allows(Allowance.HOST_PATHS)) {
      return;
    }
    for (DeclaredFile file : draft.files) {
      if (!policy.isInTree(file.path())) {
        findings.add(
            file.notAllowed(
                "may not name files outside its repository", help(Allowance.HOST_PATHS)));
      }
    }
  }

  private void networks(VmDraft draft) {
    if (isOfHost(draft.values.get(VmFields.NETWORK))) {
      refuseIfDeclared(draft, VmFields.NETWORK, Allowance.BRIDGES, "join networks of this host");
    }
    List<NicSpec> nics = Objects.requireNonNullElse(draft.values.get(VmFields.NICS), List.of());
    if (nics.stream().anyMatch(nic -> isOfHost(nic.network()))) {
      refuseIfDeclared(draft, VmFields.NICS, Allowance.BRIDGES, "join networks of this host");
    }
  }

  private static boolean isOfHost(@Nullable NetworkSpec network) {
    return switch (network) {
      case null -> false;
      case NetworkSpec.User user -> false;
      case NetworkSpec.None none -> false;
      case NetworkSpec.Private lan -> false;
      case NetworkSpec.Tap tap -> true;
      case NetworkSpec.Vnic vnic -> true;
    };
  }

  private void refuseIfDeclared(
      VmDraft draft, Field<?> field, Allowance needed, String whatItWants) {
    KdlNode node = draft.nodeOf(field);
    if (node != null) {
      refuse(needed, node, whatItWants);
    }
  }

  private void refuse(Allowance needed, KdlNode node, String whatItWants) {
    if (policy.allows(needed)) {
      return;
    }
    KdlSpan span = node.name().span();
    findings.add(
        VmFileCode.NOT_ALLOWED,
        span,
        "this source may not " + whatItWants + " (" + NodeShape.name(node) + ")",
        help(needed));
  }

  private static String help(Allowance needed) {
    return "if you trust whoever writes to it, allow it in the daemon's vmctl.kdl, in the source's braces: allow \""
        + needed.text()
        + "\"";
  }
}
