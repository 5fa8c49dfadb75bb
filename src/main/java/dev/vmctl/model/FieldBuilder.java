package dev.vmctl.model;

import dev.vmctl.model.Described.Kind;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Puts a {@link Field} together; what is not said has the usual value. */
final class FieldBuilder<T> {
  private final String path;
  private final Kind kind;
  private final Class<T> type;
  private final Function<VmSpec, @Nullable T> declared;
  private @Nullable Long minimum;
  private @Nullable Long maximum;
  private List<String> choices = List.of();
  private @Nullable T defaultValue;
  private Set<BackendTag> backends = EnumSet.allOf(BackendTag.class);
  private boolean contentCounts;
  private boolean sensitive;
  private boolean repeatable;
  private List<Part> parts = List.of();
  private String defaultText = "";
  private String summary = "";
  private String example = "";

  FieldBuilder(String path, Kind kind, Class<T> type, Function<VmSpec, @Nullable T> declared) {
    this.path = path;
    this.kind = kind;
    this.type = type;
    this.declared = declared;
  }

  static <T> FieldBuilder<T> field(
      String path, Kind kind, Class<T> type, Function<VmSpec, @Nullable T> declared) {
    return new FieldBuilder<>(path, kind, type, declared);
  }

  FieldBuilder<T> range(long least, long most) {
    minimum = least;
    maximum = most;
    return this;
  }

  FieldBuilder<T> choices(String... words) {
    choices = List.of(words);
    return this;
  }

  FieldBuilder<T> defaultsTo(T value) {
    defaultValue = value;
    return this;
  }

  FieldBuilder<T> on(Set<BackendTag> known) {
    backends = known;
    return this;
  }

  FieldBuilder<T> contentCounts() {
    contentCounts = true;
    return this;
  }

  /** Its value is never shown. */
  FieldBuilder<T> sensitive() {
    sensitive = true;
    return this;
  }

  /** The node may stand several times. */
  FieldBuilder<T> repeatable() {
    repeatable = true;
    return this;
  }

  /** What may stand in its braces. */
  FieldBuilder<T> parts(Part... inner) {
    parts = List.of(inner);
    return this;
  }

  FieldBuilder<T> described(String whenAbsent, String sentence, String written) {
    defaultText = whenAbsent;
    summary = sentence;
    example = written;
    return this;
  }

  Field<T> build(Change gentlest) {
    return new Field<>(
        path,
        kind,
        type,
        minimum,
        maximum,
        choices,
        defaultValue,
        defaultText,
        gentlest,
        sensitive,
        contentCounts,
        backends,
        "0.1.0",
        summary,
        example,
        declared,
        parts,
        repeatable);
  }
}
