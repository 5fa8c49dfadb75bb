package dev.vmctl.plan;

import dev.vmctl.model.ApplyPolicy;
import dev.vmctl.model.Change;
import dev.vmctl.model.Field;
import dev.vmctl.model.PolicyFields;
import dev.vmctl.model.VmSpec;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Changes that wait for somebody to ask for them, by the VM's own {@code lifecycle}.
 *
 * @param changes empty when nothing waits
 * @param now what is to be applied without them
 */
public record HeldBack(List<FieldChange> changes, VmSpec now) {
  public HeldBack {
    changes = List.copyOf(changes);
  }

  /**
   * @param applied null when nothing was made yet: then nothing waits
   * @param approved whether somebody has asked
   * @param standard what holds where the VM says nothing
   */
  public static HeldBack of(
      @Nullable VmSpec applied,
      VmSpec desired,
      Ability can,
      boolean approved,
      ApplyPolicy standard) {
    ApplyPolicy own = PolicyFields.APPLY.of(desired);
    ApplyPolicy policy = own == null ? standard : own.or(standard);
    if (applied == null || approved) {
      return new HeldBack(List.of(), desired);
    }
    List<FieldChange> waiting =
        Differences.between(applied, desired, can).stream()
            .filter(change -> isManual(policy, change))
            .toList();
    Set<Field<?>> fields =
        waiting.stream().map(FieldChange::field).collect(Collectors.toUnmodifiableSet());
    return new HeldBack(waiting, desired.with(fields, applied));
  }

  /** Steps are run whenever they are edited: they change nothing by themselves. */
  private static boolean isManual(ApplyPolicy policy, FieldChange change) {
    ApplyPolicy.Mode mode =
        switch (change.change()) {
          case NONE -> null;
          case LIVE -> Hardness.isDoneBySteps(change.field()) ? null : policy.live();
          case RESTART -> policy.restart();
          case REPLACE -> policy.replace();
        };
    return mode == ApplyPolicy.Mode.MANUAL && change.change() != Change.NONE;
  }

  /** For people: {@code memory (restart), image (replace)}; empty when nothing waits. */
  public String text() {
    return changes.stream()
        .map(change -> change.field().path() + " (" + change.change().text() + ")")
        .collect(Collectors.joining(", "));
  }
}
