package dev.vmctl.model;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What was declared of how a VM is looked after, as against what it is. A null component was not
 * declared.
 *
 * @param ready when the VM counts as ready; the SSH banner when absent
 * @param liveness when a running guest counts as hung, and is restarted; never when absent
 */
public record PolicySpec(
    @Nullable RestartPolicy restart,
    @Nullable LifecycleSpec lifecycle,
    List<Dependency> dependsOn,
    @Nullable ProbeSpec ready,
    @Nullable ProbeSpec liveness) {
  /** Nothing was declared. */
  public static final PolicySpec NONE = new PolicySpec(null, null, List.of(), null, null);

  public PolicySpec {
    // Absent in what an older vmctl stored.
    dependsOn = List.copyOf(Objects.requireNonNullElse(dependsOn, List.of()));
  }

  static PolicySpec of(FieldValues values) {
    LifecycleSpec lifecycle =
        new LifecycleSpec(
            values.get(PolicyFields.APPLY),
            values.get(PolicyFields.PREVENT_DESTROY),
            values.get(PolicyFields.ON_REMOVE),
            values.get(PolicyFields.ON_FAILED_REPLACE));
    return new PolicySpec(
        values.get(PolicyFields.RESTART),
        lifecycle.equals(new LifecycleSpec(null, null, null, null)) ? null : lifecycle,
        Objects.requireNonNullElse(values.get(PolicyFields.DEPENDS_ON), List.of()),
        values.get(PolicyFields.READY),
        values.get(PolicyFields.LIVENESS));
  }
}
