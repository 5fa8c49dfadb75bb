package dev.vmctl.kdl;

import org.jspecify.annotations.Nullable;

/** A value (section "Value"); as an entry of a node it is an argument. */
public sealed interface KdlValue extends KdlEntry
    permits KdlString, KdlInteger, KdlDecimal, KdlSpecial, KdlBoolean, KdlNull {

  /** The type annotation before the value, if there is one: {@code u8} in {@code (u8)5}. */
  @Nullable KdlString type();

  /** From the type annotation, if there is one, to the end of the value. */
  @Override
  KdlSpan span();
}
