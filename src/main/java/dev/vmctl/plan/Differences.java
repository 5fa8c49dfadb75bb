package dev.vmctl.plan;

import dev.vmctl.model.Change;
import dev.vmctl.model.Field;
import dev.vmctl.model.ValueText;
import dev.vmctl.model.VmFields;
import dev.vmctl.model.VmSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How two declarations of one VM differ. Only what was declared counts: a field that neither
 * declares keeps what it was resolved to at creation, whatever the default is today; a field that
 * is no longer declared goes back to its default.
 */
public final class Differences {
  private Differences() {}

  /** The fields in which the two differ in effect, in the order of the schema. */
  public static List<FieldChange> between(VmSpec applied, VmSpec desired, Ability can) {
    Hardness hardness = new Hardness(applied, desired, can);
    List<FieldChange> changes = new ArrayList<>();
    for (Field<?> field : VmFields.ALL) {
      FieldChange change = between(field, applied, desired, hardness);
      if (change != null) {
        changes.add(change);
      }
    }
    return changes;
  }

  private static <T> @Nullable FieldChange between(
      Field<T> field, VmSpec applied, VmSpec desired, Hardness hardness) {
    if (Objects.equals(field.of(applied), field.of(desired))) {
      return null;
    }
    T from = field.effective(applied);
    T to = field.effective(desired);
    if (Objects.equals(from, to)) {
      return null;
    }
    return new FieldChange(field, text(field, from), text(field, to), hardness.of(field));
  }

  private static @Nullable String text(Field<?> field, @Nullable Object value) {
    return value == null ? null : ValueText.of(field, value);
  }

  /** Whether a running guest must be stopped for this change. */
  static boolean isDisruptive(Change change) {
    return change == Change.RESTART || change == Change.REPLACE;
  }
}
