package dev.vmctl.vmfile;

import dev.vmctl.model.Dependency;
import dev.vmctl.model.Diagnostic;
import dev.vmctl.model.NearestName;
import dev.vmctl.model.VmName;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What there is to say of several VMFiles together: their VMs share names, and wait for others. */
public final class VmFileSet {
  private final Map<VmName, DeclaredVm> vms = new LinkedHashMap<>();
  private final List<Diagnostic> found = new ArrayList<>();
  private final Map<DeclaredVm, Optional<Diagnostic>> circling = new LinkedHashMap<>();

  /** Where a walk along the dependencies stands. */
  private record Step(DeclaredVm vm, Iterator<Dependency> next) {}

  private VmFileSet() {}

  /** The findings about these files together, besides those about each. */
  public static List<Diagnostic> check(List<VmFile> files) {
    VmFileSet set = new VmFileSet();
    files.forEach(file -> file.declarations().forEach(set::add));
    // A file that could not be read may declare what is missed.
    if (files.stream().allMatch(VmFile::isUsable)) {
      set.vms.values().forEach(set::unknown);
    }
    Set<VmName> done = new HashSet<>();
    set.vms.values().forEach(vm -> set.circle(vm, done));
    return List.copyOf(set.found);
  }

  /**
   * The VMs that wait for each other in a circle, each with the finding that says so; one of them
   * may have none.
   */
  public static Map<DeclaredVm, Optional<Diagnostic>> circles(Collection<DeclaredVm> all) {
    VmFileSet set = new VmFileSet();
    all.forEach(vm -> set.vms.putIfAbsent(vm.name(), vm));
    Set<VmName> done = new HashSet<>();
    set.vms.values().forEach(vm -> set.circle(vm, done));
    return set.circling;
  }

  private void add(DeclaredVm vm) {
    DeclaredVm first = vms.putIfAbsent(vm.name(), vm);
    if (first != null) {
      found.add(
          vm.finding(
                  VmFileCode.DUPLICATE_VM,
                  "VM '" + vm.name() + "' is declared in two files",
                  "rename or remove one of them")
              .with(first.label("the first one")));
    }
  }

  private void unknown(DeclaredVm vm) {
    for (Dependency each : vm.spec().policy().dependsOn()) {
      if (!vms.containsKey(each.on())) {
        List<String> names = vms.keySet().stream().map(VmName::value).toList();
        found.add(
            vm.finding(
                VmFileCode.UNKNOWN_DEPENDENCY,
                "VM '" + vm.name() + "' waits for '" + each.on() + "', which no file here declares",
                NearestName.of(each.on().value(), names)
                    .map(name -> "did you mean '" + name + "'?")
                    .orElse("declare it beside this one")));
      }
    }
  }

  /** Walks without recursion, for a chain may be as long as there are VMs. */
  private void circle(DeclaredVm start, Set<VmName> done) {
    Deque<Step> open = new ArrayDeque<>();
    Set<VmName> on = new HashSet<>();
    enter(start, open, on, done);
    while (!open.isEmpty()) {
      Step step = open.peek();
      if (!step.next().hasNext()) {
        open.pop();
        on.remove(step.vm().name());
        done.add(step.vm().name());
        continue;
      }
      DeclaredVm next = vms.get(step.next().next().on());
      if (next != null && on.contains(next.name())) {
        Diagnostic finding =
            step.vm()
                .finding(
                    VmFileCode.CYCLE,
                    "VM '%s' waits for '%s', which waits for it"
                        .formatted(step.vm().name(), next.name()),
                    "take one 'depends-on' out of the circle")
                .with(next.label("the circle begins here"));
        found.add(finding);
        circling.put(step.vm(), Optional.of(finding));
        open.stream()
            .map(Step::vm)
            .takeWhile(vm -> !vm.equals(next))
            .forEach(vm -> circling.putIfAbsent(vm, Optional.empty()));
        circling.putIfAbsent(next, Optional.empty());
      } else if (next != null) {
        enter(next, open, on, done);
      }
    }
  }

  private static void enter(DeclaredVm vm, Deque<Step> open, Set<VmName> on, Set<VmName> done) {
    if (!done.contains(vm.name())) {
      on.add(vm.name());
      open.push(new Step(vm, vm.spec().policy().dependsOn().iterator()));
    }
  }
}
