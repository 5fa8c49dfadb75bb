package dev.vmctl.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What would be done; the component names are the stable JSON fields of {@code plan}. */
public record PlanView(List<VmPlan> vms) {
  public PlanView {
    vms = List.copyOf(vms);
  }

  /**
   * @param action {@code none}, {@code create}, {@code start}, {@code stop}, {@code restart},
   *     {@code replace}, {@code provision}, {@code update} or {@code destroy}
   * @param reason in words
   */
  public record VmPlan(String name, String action, String reason, List<FieldChange> changes) {
    public VmPlan {
      changes = List.copyOf(changes);
    }
  }

  /**
   * @param path of the field, such as {@code memory}
   * @param changeClass {@code none}, {@code live}, {@code restart} or {@code replace}; {@code
   *     class} in JSON
   */
  public record FieldChange(
      String path,
      @Nullable String from,
      @Nullable String to,
      @JsonProperty("class") String changeClass) {}

  /** Whether anything would be done. */
  public boolean isEmpty() {
    return vms.stream().allMatch(vm -> vm.action().equals("none"));
  }
}
