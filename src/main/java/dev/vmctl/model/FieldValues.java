package dev.vmctl.model;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The values declared for the fields of one VM: the bridge between a reader that knows only
 * descriptors and the typed {@link VmSpec}.
 */
public final class FieldValues {
  private final Map<Field<?>, Object> values = new LinkedHashMap<>();

  public <T> void put(Field<T> field, T value) {
    values.put(field, field.type().cast(value));
  }

  /** As {@link #put}, for a caller that has the field and its value without their common type. */
  public void putUnchecked(Field<?> field, Object value) {
    values.put(field, field.type().cast(value));
  }

  public <T> @Nullable T get(Field<T> field) {
    Object value = values.get(field);
    return value == null ? null : field.type().cast(value);
  }

  public boolean has(Field<?> field) {
    return values.containsKey(field);
  }
}
