package dev.vmctl.kdl;

import java.util.Objects;

/** A key and its value (section "Property"). */
public record KdlProperty(KdlString key, KdlValue value, KdlSpan span) implements KdlEntry {
  public KdlProperty {
    Objects.requireNonNull(key);
    Objects.requireNonNull(value);
    Objects.requireNonNull(span);
  }

  /** A property that was not read from a file. */
  public static KdlProperty of(String key, KdlValue value) {
    return new KdlProperty(KdlString.of(key), value, KdlSpan.NONE);
  }

  /** The same key and place with another value. */
  public KdlProperty withValue(KdlValue changed) {
    return new KdlProperty(key, changed, span);
  }
}
