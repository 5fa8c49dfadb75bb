package dev.vmctl.cli;

import dev.vmctl.api.PlanView;
import dev.vmctl.api.PlanView.FieldChange;
import dev.vmctl.api.PlanView.VmPlan;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A plan for people: a line a VM, a line a field, and what it all comes to. */
final class PlanText {
  private static final String NOTHING = "none";

  private PlanText() {}

  static String of(PlanView plan) {
    if (plan.isEmpty() && plan.vms().stream().allMatch(vm -> vm.changes().isEmpty())) {
      return "nothing to do\n";
    }
    StringBuilder text = new StringBuilder();
    for (VmPlan vm : plan.vms()) {
      text.append(vm.action().equals(NOTHING) ? "" : sign(vm) + " ");
      text.append(vm.name()).append(": ").append(vm.action());
      text.append(vm.reason().isEmpty() ? "" : " (" + vm.reason() + ")").append('\n');
      vm.changes().forEach(change -> text.append("    ").append(line(change)).append('\n'));
    }
    return text.append('\n').append(sum(plan)).append('\n').toString();
  }

  /** One field: {@code ~ memory 512 → 2048 live}. */
  static String line(FieldChange change) {
    return sign(change.from(), change.to())
        + " "
        + change.path()
        + " "
        + (change.from() == null ? "" : change.from() + " → ")
        + (change.to() == null ? "nothing" : change.to())
        + "  "
        + (change.changeClass().equals("replace")
            ? "replace (old disk to the trash)"
            : change.changeClass());
  }

  private static String sign(@Nullable String from, @Nullable String to) {
    if (from == null) {
      return "+";
    }
    return to == null ? "-" : "~";
  }

  private static String sign(VmPlan vm) {
    return switch (vm.action()) {
      case "create" -> "+";
      case "destroy" -> "-";
      default -> "~";
    };
  }

  private static String sum(PlanView plan) {
    int create = 0;
    int destroy = 0;
    Map<String, Integer> changed = new TreeMap<>();
    for (VmPlan vm : plan.vms()) {
      switch (vm.action()) {
        case NOTHING -> {}
        case "create" -> create++;
        case "destroy" -> destroy++;
        default -> changed.merge(kind(vm), 1, Integer::sum);
      }
    }
    String kinds =
        changed.entrySet().stream()
            .map(each -> each.getValue() + " " + each.getKey())
            .collect(Collectors.joining(", ", " (", ")"));
    return "Plan: "
        + create
        + " to create, "
        + changed.values().stream().mapToInt(Integer::intValue).sum()
        + " to change"
        + (changed.isEmpty() ? "" : kinds)
        + ", "
        + destroy
        + " to destroy";
  }

  /** How hard it hits: the class of the change, or what is done where there is none. */
  private static String kind(VmPlan vm) {
    boolean live = vm.changes().stream().anyMatch(change -> change.changeClass().equals("live"));
    return vm.action().equals("update") && live ? "live" : vm.action();
  }
}
