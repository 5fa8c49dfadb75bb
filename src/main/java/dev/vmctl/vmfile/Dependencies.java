package dev.vmctl.vmfile;

import dev.vmctl.kdl.KdlNode;
import dev.vmctl.kdl.KdlSpan;
import dev.vmctl.model.Dependency;
import dev.vmctl.model.PolicyFields;
import dev.vmctl.model.VmName;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which VMs of one file wait for which. The name of a {@code vm} node with {@code replicas} stands
 * for all of them. Names of VMs in other files are left as they are.
 */
final class Dependencies {
  private final Findings findings;
  private final Map<VmName, VmDraft> nodes = new LinkedHashMap<>();
  private final Map<VmName, List<VmName>> replicas = new HashMap<>();

  /** Where a walk along the dependencies stands. */
  private record Step(VmName name, Iterator<Dependency> next) {}

  Dependencies(Findings findings) {
    this.findings = findings;
  }

  /** Adds a {@code vm} node and the VMs it declares. */
  void add(VmName name, VmDraft draft, List<VmName> declares) {
    nodes.putIfAbsent(name, draft);
    replicas.put(name, declares);
    declares.forEach(one -> nodes.putIfAbsent(one, draft));
  }

  /** The same VMs, waiting for single VMs each; reports circles. */
  List<DeclaredVm> resolve(List<DeclaredVm> declared) {
    Set<VmName> done = new HashSet<>();
    nodes.keySet().forEach(name -> findCircle(name, done));
    if (declared.stream().allMatch(vm -> vm.spec().policy().dependsOn().isEmpty())) {
      return declared;
    }
    return declared.stream().map(vm -> vm.with(vm.spec().waitingFor(expanded(vm)))).toList();
  }

  private List<Dependency> expanded(DeclaredVm vm) {
    List<Dependency> all = new ArrayList<>();
    for (Dependency each : vm.spec().policy().dependsOn()) {
      for (VmName on : replicas.getOrDefault(each.on(), List.of(each.on()))) {
        all.add(new Dependency(on, each.until()));
      }
    }
    return all;
  }

  /** Walks without recursion: a chain of dependencies may be as long as a file. */
  private void findCircle(VmName start, Set<VmName> done) {
    Deque<Step> open = new ArrayDeque<>();
    Set<VmName> on = new HashSet<>();
    enter(start, open, on, done);
    while (!open.isEmpty()) {
      Step step = open.peek();
      if (!step.next().hasNext()) {
        open.pop();
        on.remove(step.name());
        done.add(step.name());
        continue;
      }
      VmName next = step.next().next().on();
      if (on.contains(next)) {
        circle(step.name(), next);
      } else {
        enter(next, open, on, done);
      }
    }
  }

  private void enter(VmName name, Deque<Step> open, Set<VmName> on, Set<VmName> done) {
    VmDraft draft = nodes.get(name);
    if (draft != null && !done.contains(name)) {
      on.add(name);
      List<Dependency> next = draft.values.get(PolicyFields.DEPENDS_ON);
      open.push(new Step(name, (next == null ? List.<Dependency>of() : next).iterator()));
    }
  }

  private void circle(VmName from, VmName to) {
    VmDraft waiting = nodes.get(from);
    VmDraft other = nodes.get(to);
    if (waiting == null || other == null) {
      return;
    }
    KdlNode node = waiting.nodeOf(PolicyFields.DEPENDS_ON);
    KdlSpan span = node == null ? waiting.nameSpan() : node.span();
    boolean itself = waiting == other;
    findings.add(
        VmFileCode.CYCLE,
        span,
        itself
            ? "VM '" + from + "' waits for itself"
            : "VM '" + from + "' waits for '" + to + "', which waits for it",
        "take one 'depends-on' out of the circle",
        other.nameSpan(),
        itself ? "this VM" : "the circle begins here");
  }
}
