package dev.vmctl.kdl;

/** What follows a node's name: an argument (a bare value) or a property. */
public sealed interface KdlEntry permits KdlValue, KdlProperty {
  KdlSpan span();
}
