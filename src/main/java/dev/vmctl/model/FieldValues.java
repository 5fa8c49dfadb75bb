package dev.vmctl.model;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
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

  /** As {@link #put}, for several in a row; null is not declared. */
  public <T> FieldValues with(Field<T> field, @Nullable T value) {
    if (value != null) {
      put(field, value);
    }
    return this;
  }

  /** As {@link #put}, for a caller that has the field and its value without their common type. */
  public void putUnchecked(Field<?> field, Object value) {
    values.put(field, field.type().cast(value));
  }

  public <T> @Nullable T get(Field<T> field) {
    Object value = values.get(field);
    return value == null ? null : field.type().cast(value);
  }

  /**
   * Takes over what the other has, but for these fields and those that are here already. Of maps,
   * such as labels, the keys that are not here yet are taken over.
   */
  public void inherit(FieldValues other, Set<Field<?>> except) {
    other.values.forEach(
        (field, value) -> {
          if (value instanceof Map<?, ?> theirs && values.get(field) instanceof Map<?, ?> ours) {
            Map<Object, Object> both = new LinkedHashMap<>(theirs);
            both.putAll(ours);
            values.put(field, both);
          } else if (!except.contains(field)) {
            values.putIfAbsent(field, value);
          }
        });
  }

  public boolean has(Field<?> field) {
    return values.containsKey(field);
  }
}
