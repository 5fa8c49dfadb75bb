package dev.vmctl.cli;

import dev.vmctl.api.VmStatus;
import dev.vmctl.api.Vmctl;
import dev.vmctl.model.VmName;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** In which order VMs are told to go down: those that depend on others before these. */
final class DownOrder {
  private DownOrder() {}

  static List<VmName> of(Vmctl vmctl, Collection<VmName> names) {
    if (names.size() < 2) {
      return List.copyOf(names);
    }
    Map<VmName, Set<String>> needs = new LinkedHashMap<>();
    names.forEach(name -> needs.put(name, needs(vmctl.status(name))));
    List<VmName> ordered = new ArrayList<>();
    while (!needs.isEmpty()) {
      Set<String> needed = new HashSet<>();
      needs.values().forEach(needed::addAll);
      List<VmName> free =
          needs.keySet().stream().filter(name -> !needed.contains(name.value())).toList();
      // In a circle, which no VMFile may have, any order is as good.
      List<VmName> next = free.isEmpty() ? List.copyOf(needs.keySet()) : free;
      ordered.addAll(next);
      next.forEach(needs::remove);
    }
    return ordered;
  }

  /** Names of VMs, before the word that says how far they must be. */
  private static Set<String> needs(VmStatus status) {
    Set<String> names = new HashSet<>();
    VmStatus.PolicyView policy = status.policy();
    if (policy != null) {
      policy.dependsOn().forEach(each -> names.add(each.split(" ", 2)[0]));
    }
    return names;
  }
}
