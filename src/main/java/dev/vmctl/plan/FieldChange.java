package dev.vmctl.plan;

import dev.vmctl.model.Change;
import dev.vmctl.model.Field;
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
}
