package dev.vmctl.kdl;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A node (section "Node").
 *
 * @param type the type annotation before the name, if there is one
 * @param entries arguments and properties as written: in order, every occurrence
 * @param block the children in their braces; null when there are no braces
 * @param span from the type annotation or the name to the end of the last entry or of the block
 * @param tail what stands between the end of {@code span} and the end of the node: whitespace,
 *     comments, and the newline or semicolon if there is one
 */
public record KdlNode(
    @Nullable KdlString type,
    KdlString name,
    List<KdlEntry> entries,
    @Nullable KdlBlock block,
    KdlSpan span,
    KdlSpan tail) {
  public KdlNode {
    Objects.requireNonNull(name);
    entries = List.copyOf(entries);
    Objects.requireNonNull(span);
    Objects.requireNonNull(tail);
  }

  /** A node without children that was not read from a file. */
  public static KdlNode of(String name, KdlEntry... entries) {
    return new KdlNode(
        null, KdlString.of(name), List.of(entries), null, KdlSpan.NONE, KdlSpan.NONE);
  }

  /** The arguments, in order. */
  public List<KdlValue> arguments() {
    return entries.stream().filter(KdlValue.class::isInstance).map(KdlValue.class::cast).toList();
  }

  /** All occurrences of all properties, in order. */
  public List<KdlProperty> properties() {
    return entries.stream()
        .filter(KdlProperty.class::isInstance)
        .map(KdlProperty.class::cast)
        .toList();
  }

  /** The property of that key; of several the rightmost, as the section "Property" demands. */
  public Optional<KdlProperty> property(String key) {
    for (KdlEntry entry : entries.reversed()) {
      if (entry instanceof KdlProperty property && property.key().value().equals(key)) {
        return Optional.of(property);
      }
    }
    return Optional.empty();
  }

  /** The nodes in the block; empty without one. */
  public List<KdlNode> children() {
    return block == null ? List.of() : block.nodes();
  }

  /** The same node with other entries. */
  public KdlNode withEntries(List<KdlEntry> changed) {
    return new KdlNode(type, name, changed, block, span, tail);
  }

  /** The same node with another block, or none. */
  public KdlNode withBlock(@Nullable KdlBlock changed) {
    return new KdlNode(type, name, entries, changed, span, tail);
  }
}
