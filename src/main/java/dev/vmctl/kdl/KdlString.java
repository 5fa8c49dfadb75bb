package dev.vmctl.kdl;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Text, in whichever of its forms it was written (section "String"): a value, a name, a key or a
 * type. Escapes are resolved and the indentation of multi-line strings is removed.
 */
public record KdlString(String value, @Nullable KdlString type, KdlSpan span) implements KdlValue {
  public KdlString {
    Objects.requireNonNull(value);
    Objects.requireNonNull(span);
  }

  /** A string that was not read from a file. */
  public static KdlString of(String value) {
    return new KdlString(value, null, KdlSpan.NONE);
  }
}
