package dev.vmctl.kdl;

import java.math.BigDecimal;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A number with a fraction, an exponent or both. The exponent may be as large as 999,999,999:
 * compare before converting to an integer, which would write out that many digits.
 */
public record KdlDecimal(BigDecimal value, @Nullable KdlString type, KdlSpan span)
    implements KdlValue {
  public KdlDecimal {
    Objects.requireNonNull(value);
    Objects.requireNonNull(span);
  }

  /** A number that was not read from a file. */
  public static KdlDecimal of(BigDecimal value) {
    return new KdlDecimal(value, null, KdlSpan.NONE);
  }
}
