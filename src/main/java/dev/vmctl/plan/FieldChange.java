package dev.vmctl.plan;

import dev.vmctl.model.Change;
import dev.vmctl.model.Field;
import dev.vmctl.model.VmFields;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One field that is declared otherwise than it was applied.
 *
 * @param from as applied, as text; null when there was nothing
 * @param to as declared, as text; null when there is nothing
 */
public record FieldChange(
    Field<?> field, @Nullable String from, @Nullable String to, Change change) {
  public FieldChange {
    Objects.requireNonNull(field);
    Objects.requireNonNull(change);
  }

  /** Whether a guest that is on its way up is waited for: more memory may be what it needs. */
  boolean waitsForGuest() {
    return isMadeLive() && !field.equals(VmFields.MEMORY);
  }

  /** Whether it is made on the guest that runs, by something else than its provision steps. */
  public boolean isMadeLive() {
    return change == Change.LIVE && !Hardness.isDoneBySteps(field);
  }
}
