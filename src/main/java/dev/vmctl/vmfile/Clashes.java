package dev.vmctl.vmfile;

import dev.vmctl.kdl.KdlNode;
import dev.vmctl.kdl.KdlSpan;
import dev.vmctl.model.ForwardSpec;
import dev.vmctl.model.MacAddress;
import dev.vmctl.model.NetworkSpec;
import dev.vmctl.model.ShareSpec;
import dev.vmctl.model.VmFields;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What only one VM of a file can have: a port of the host, a MAC address. */
final class Clashes {
  private record Taken(ForwardSpec forward, KdlSpan span, List<String> hosts) {
    /** Other patterns may mean the same host all the same; that shows there. */
    boolean mayMeet(List<String> others) {
      return hosts.isEmpty() || others.isEmpty() || hosts.equals(others);
    }
  }

  private final Findings findings;
  private final List<Taken> ports = new ArrayList<>();
  private final Map<MacAddress, KdlSpan> macs = new HashMap<>();

  Clashes(Findings findings) {
    this.findings = findings;
  }

  /** Reports what this VM shares with itself or with those before. */
  void check(VmDraft draft) {
    for (VmDraft.Placed<ForwardSpec> placed : draft.items(VmFields.FORWARD, ForwardSpec.class)) {
      forward(placed.value(), placed.node().span(), draft);
    }
    draft.macs().forEach(placed -> mac(placed.value(), placed.span(), draft));
    places(draft);
    reachable(draft);
  }

  private void forward(ForwardSpec forward, KdlSpan span, VmDraft draft) {
    for (Taken taken : ports) {
      if (taken.forward().excludes(forward) && taken.mayMeet(hosts(draft))) {
        findings.add(
            VmFileCode.PORT_CLASH,
            span,
            "port " + forward.listens() + " is forwarded twice",
            "choose another port for one of them",
            first(taken.span(), span, draft),
            first(span, taken.span()));
        return;
      }
    }
    ports.add(new Taken(forward, span, hosts(draft)));
  }

  private static List<String> hosts(VmDraft draft) {
    return Objects.requireNonNullElse(draft.values.get(VmFields.HOSTS), List.of());
  }

  /** What is taken over from a template clashes with itself: the second VM is shown then. */
  private static KdlSpan first(KdlSpan first, KdlSpan second, VmDraft draft) {
    return first.equals(second) ? draft.nameSpan() : first;
  }

  private static String first(KdlSpan first, KdlSpan second) {
    return first.equals(second) ? "the second VM that takes it over" : "the first one";
  }

  private void mac(MacAddress address, KdlSpan span, VmDraft draft) {
    KdlSpan first = macs.putIfAbsent(address, span);
    if (first != null) {
      findings.add(
          VmFileCode.MAC_CLASH,
          span,
          "two network cards have the address " + address,
          "change one, or leave it to vmctl",
          first(first, span, draft),
          first(first, span));
    }
  }

  private void places(VmDraft draft) {
    Map<String, KdlNode> seen = new HashMap<>();
    List<VmDraft.Placed<ShareSpec>> shares = draft.items(VmFields.SHARE, ShareSpec.class);
    for (VmDraft.Placed<ShareSpec> placed : shares) {
      KdlNode first = seen.putIfAbsent(placed.value().guest(), placed.node());
      if (first != null) {
        findings.add(
            VmFileCode.DUPLICATE_NODE,
            placed.node().span(),
            "two directories are shared at " + placed.value().guest(),
            "give one another place",
            first.span(),
            "the first one");
      }
    }
    if (shares.size() > ShareSpec.MOST) {
      findings.add(
          VmFileCode.OUT_OF_RANGE,
          shares.getLast().node().name().span(),
          "a VM has " + ShareSpec.MOST + " shares at most, this one " + shares.size(),
          "share a directory that holds several of them");
    }
  }

  private void reachable(VmDraft draft) {
    boolean user = draft.networks().stream().anyMatch(NetworkSpec.User.class::isInstance);
    @Nullable KdlNode forward = draft.nodeOf(VmFields.FORWARD);
    if (forward != null && !user) {
      findings.add(
          VmFileCode.CONFLICT,
          forward.name().span(),
          "a port can be forwarded over network \"user\" only, and this VM has none",
          "add a card for it: nics { nic \"user\" }; or reach the guest at its own address");
    }
  }
}
