package dev.vmctl.kdl;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A number that only a keyword can name (section "Keyword Numbers"); new in KDL 2. */
public record KdlSpecial(Kind kind, @Nullable KdlString type, KdlSpan span) implements KdlValue {
  /** Which number. */
  public enum Kind {
    INFINITY("#inf", Double.POSITIVE_INFINITY),
    NEGATIVE_INFINITY("#-inf", Double.NEGATIVE_INFINITY),
    NOT_A_NUMBER("#nan", Double.NaN);

    private final String keyword;
    private final double value;

    Kind(String keyword, double value) {
      this.keyword = keyword;
      this.value = value;
    }

    public String keyword() {
      return keyword;
    }

    public double value() {
      return value;
    }
  }

  public KdlSpecial {
    Objects.requireNonNull(kind);
    Objects.requireNonNull(span);
  }

  /** A number that was not read from a file. */
  public static KdlSpecial of(Kind kind) {
    return new KdlSpecial(kind, null, KdlSpan.NONE);
  }
}
