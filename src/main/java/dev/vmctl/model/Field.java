package dev.vmctl.model;

import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One field of a VMFile's {@code vm} node: everything that the decoder, validation, plans, {@code
 * explain} and the reference page need to know of it.
 *
 * @param path the node's path below {@code vm}, such as {@code cloud-init.hostname}
 * @param kind how its value is written
 * @param type class of its decoded value
 * @param minimum smallest number allowed, in the kind's unit; null where it does not apply
 * @param maximum largest number allowed; null where it does not apply
 * @param choices the words allowed; empty where it does not apply
 * @param defaultValue what an absent field means; null where that is nothing or depends on the host
 * @param defaultText how the default is described
 * @param gentlest the gentlest a change of it can be
 * @param sensitive whether its value must never be shown
 * @param contentCounts for a file: whether its content is part of the declaration, so that a change
 *     of the file is a change of the VM
 * @param backends which backends know it
 * @param since first version that has it
 * @param summary one sentence
 * @param example how it is written
 * @param declared reads the declared value; null when not declared
 * @param parts nodes in its braces; empty where it has none
 * @param repeatable whether the node may stand several times; its value is a list then
 */
public record Field<T>(
    String path,
    Kind kind,
    Class<T> type,
    @Nullable Long minimum,
    @Nullable Long maximum,
    List<String> choices,
    @Nullable T defaultValue,
    String defaultText,
    Change gentlest,
    boolean sensitive,
    boolean contentCounts,
    Set<BackendTag> backends,
    String since,
    String summary,
    String example,
    Function<VmSpec, @Nullable T> declared,
    List<Part> parts,
    boolean repeatable)
    implements Described {

  public Field {
    Objects.requireNonNull(path);
    choices = List.copyOf(choices);
    backends = Set.copyOf(backends);
    parts = List.copyOf(parts);
  }

  /** What {@code spec} declares for this field; null when nothing. */
  public @Nullable T of(VmSpec spec) {
    return declared.apply(spec);
  }

  /** What {@code spec} means for this field: declared, else the default; null when neither. */
  public @Nullable T effective(VmSpec spec) {
    T value = of(spec);
    return value == null ? defaultValue : value;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return this == other;
  }

  @Override
  public int hashCode() {
    return path.hashCode();
  }

  @Override
  public String toString() {
    return path;
  }
}
