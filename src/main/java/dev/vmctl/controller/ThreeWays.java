package dev.vmctl.controller;

import dev.vmctl.api.VmStatus.FieldView;
import dev.vmctl.model.Field;
import dev.vmctl.model.ValueText;
import dev.vmctl.model.VmFields;
import dev.vmctl.model.VmSpec;
import dev.vmctl.plan.FieldChange;
import dev.vmctl.store.Applied;
import dev.vmctl.store.VmRecord;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Puts side by side what is declared, what was applied and what runs. Pure. */
final class ThreeWays {
  private ThreeWays() {}

  /**
   * Fields that are declared, or were.
   *
   * @param running by the fields' paths, as text
   */
  static List<FieldView> of(
      VmRecord record, List<FieldChange> changes, Map<String, String> running) {
    Applied applied = record.applied();
    VmSpec desired = record.desired().spec();
    VmSpec made = applied == null ? null : applied.spec();
    return VmFields.ALL.stream()
        .filter(field -> field.of(desired) != null || (made != null && field.of(made) != null))
        .map(field -> view(field, desired, made, changes, running.get(field.path())))
        .toList();
  }

  private static FieldView view(
      Field<?> field,
      VmSpec desired,
      @Nullable VmSpec made,
      List<FieldChange> changes,
      @Nullable String running) {
    String applied = made == null ? null : text(field, field.effective(made));
    return new FieldView(
        field.path(),
        text(field, field.of(desired)),
        applied,
        running,
        changes.stream()
            .filter(change -> change.field().equals(field))
            .map(change -> change.change().text())
            .findFirst()
            .orElse(null),
        made != null
            && field.of(made) != null
            && running != null
            && !Objects.equals(applied, running));
  }

  private static @Nullable String text(Field<?> field, @Nullable Object value) {
    return value == null ? null : ValueText.of(field, value);
  }
}
