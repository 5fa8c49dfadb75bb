package dev.vmctl.kdl;

import java.math.BigInteger;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A number without fraction or exponent, and the radix it was written in: 2, 8, 10 or 16. */
public record KdlInteger(BigInteger value, int radix, @Nullable KdlString type, KdlSpan span)
    implements KdlValue {
  public KdlInteger {
    Objects.requireNonNull(value);
    Objects.requireNonNull(span);
    if (radix != 2 && radix != 8 && radix != 10 && radix != 16) {
      throw new IllegalArgumentException("radix " + radix);
    }
  }

  /** A number that was not read from a file. */
  public static KdlInteger of(long value) {
    return new KdlInteger(BigInteger.valueOf(value), 10, null, KdlSpan.NONE);
  }
}
