package dev.vmctl.kdl;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** {@code #true} or {@code #false}; in KDL 1 {@code true} or {@code false}. */
public record KdlBoolean(boolean value, @Nullable KdlString type, KdlSpan span)
    implements KdlValue {
  public KdlBoolean {
    Objects.requireNonNull(span);
  }

  /** A boolean that was not read from a file. */
  public static KdlBoolean of(boolean value) {
    return new KdlBoolean(value, null, KdlSpan.NONE);
  }
}
