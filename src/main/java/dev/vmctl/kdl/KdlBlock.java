package dev.vmctl.kdl;

import java.util.List;
import java.util.Objects;

/**
 * A node's children with the braces around them (section "Children Block").
 *
 * @param span from the opening brace to the closing one, both included
 * @param closing the closing brace; its lead is what stands between the last node and the brace
 */
public record KdlBlock(List<KdlNode> nodes, KdlSpan span, KdlSpan closing) {
  public KdlBlock {
    nodes = List.copyOf(nodes);
    Objects.requireNonNull(span);
    Objects.requireNonNull(closing);
  }

  /** A block that was not read from a file. */
  public static KdlBlock of(List<KdlNode> nodes) {
    return new KdlBlock(nodes, KdlSpan.NONE, KdlSpan.NONE);
  }

  /** The same braces around other nodes. */
  public KdlBlock withNodes(List<KdlNode> changed) {
    return new KdlBlock(changed, span, closing);
  }
}
