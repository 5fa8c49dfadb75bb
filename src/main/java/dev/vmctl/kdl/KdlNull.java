package dev.vmctl.kdl;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The absence of a value: {@code #null}; in KDL 1 {@code null}. */
public record KdlNull(@Nullable KdlString type, KdlSpan span) implements KdlValue {
  public KdlNull {
    Objects.requireNonNull(span);
  }

  /** A null that was not read from a file. */
  public static KdlNull of() {
    return new KdlNull(null, KdlSpan.NONE);
  }
}
