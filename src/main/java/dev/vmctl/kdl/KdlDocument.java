package dev.vmctl.kdl;

import java.util.List;
import java.util.Objects;

/**
 * A document (section "Document").
 *
 * @param prologue the byte order mark and the version marker, if there are any
 * @param end the end of the text; its lead is what stands behind the last node
 */
public record KdlDocument(KdlVersion version, KdlSpan prologue, List<KdlNode> nodes, KdlSpan end) {
  public KdlDocument {
    Objects.requireNonNull(version);
    Objects.requireNonNull(prologue);
    nodes = List.copyOf(nodes);
    Objects.requireNonNull(end);
  }

  /** A document of KDL 2 that was not read from a file. */
  public static KdlDocument of(List<KdlNode> nodes) {
    return new KdlDocument(KdlVersion.V2, KdlSpan.NONE, nodes, KdlSpan.NONE);
  }

  /** The same document with other nodes. */
  public KdlDocument withNodes(List<KdlNode> changed) {
    return new KdlDocument(version, prologue, changed, end);
  }

  /** The same document, to be written in another version of the language. */
  public KdlDocument withVersion(KdlVersion changed) {
    return new KdlDocument(changed, prologue, nodes, end);
  }
}
