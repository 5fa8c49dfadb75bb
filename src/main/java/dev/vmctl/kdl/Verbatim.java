package dev.vmctl.kdl;

import java.util.Objects;

/**
 * Says which parts of a document may be written by copying what their spans point to.
 *
 * <p>A part of a changed document may point to a text that no longer says what the part says, or
 * that says it in the other version of the language, or that is not allowed where the part stands
 * now. So nothing is believed: what is to be copied is read again.
 */
final class Verbatim {
  private final KdlVersion version;

  Verbatim(KdlVersion version) {
    this.version = version;
  }

  /** A reader of a stretch of text that must hold one thing and nothing else. */
  private final class Stretch {
    final Cursor cursor;
    final Problems problems = new Problems();

    Stretch(KdlSpan span, int from, int to) {
      cursor = new Cursor(span.source(), from, to, version, problems);
    }

    boolean isReadToTheEnd() {
      return problems.isEmpty() && cursor.position == cursor.end;
    }
  }

  /** Whether the lead may stand between nodes, or between the last one and the end of its block. */
  boolean isBetweenNodes(KdlSpan span, int depth) {
    if (!span.isKnown()) {
      return false;
    }
    Stretch stretch = new Stretch(span, span.lead(), span.start());
    new NodeParser(stretch.cursor).skipBetweenNodes(depth);
    return stretch.isReadToTheEnd();
  }

  /** Whether the text from the node's start to the end of its name is its type and its name. */
  boolean isHeader(KdlNode node) {
    KdlSpan name = node.name().span();
    KdlSpan span = node.span();
    if (!name.isKnown() || span.source() != name.source() || span.start() > name.end()) {
      return false;
    }
    Stretch stretch = new Stretch(name, span.start(), name.end());
    KdlNode found = new NodeParser(stretch.cursor).header();
    return found != null
        && stretch.isReadToTheEnd()
        && CanonicalWriter.name(found.type(), found.name().value(), version)
            .equals(CanonicalWriter.name(node.type(), node.name().value(), version));
  }

  /** Whether the lead may stand before an argument or a property. */
  boolean isBeforeEntry(KdlSpan span) {
    return span.lead() < span.start() && isGap(span, span.lead(), span.start(), false, 0);
  }

  /** Whether the lead may stand between the last entry and the block. */
  boolean isBeforeBlock(KdlSpan span, int depth) {
    return span.isKnown() && isGap(span, span.lead(), span.start(), true, depth);
  }

  private boolean isGap(KdlSpan span, int from, int to, boolean blocks, int depth) {
    Stretch stretch = new Stretch(span, from, to);
    boolean blockMet = new NodeParser(stretch.cursor).skipGap(false, depth);
    return stretch.isReadToTheEnd() && (blocks || !blockMet);
  }

  /** How a copied tail would leave the node. */
  enum Tail {
    /** It cannot be copied. */
    WRONG,
    /** At the end of a file or before a brace: another node could not follow. */
    OPEN,
    CLOSED
  }

  Tail tail(KdlNode node, int depth) {
    if (!node.tail().isKnown()) {
      return Tail.WRONG;
    }
    Stretch stretch = new Stretch(node.tail(), node.tail().start(), node.tail().end());
    boolean closed = new NodeParser(stretch.cursor).skipTail(node.block() != null, depth);
    if (!stretch.isReadToTheEnd()) {
      return Tail.WRONG;
    }
    return closed ? Tail.CLOSED : Tail.OPEN;
  }

  boolean isKey(KdlString key) {
    if (!key.span().isKnown()) {
      return false;
    }
    Stretch stretch = new Stretch(key.span(), key.span().start(), key.span().end());
    String found = new EntryParser(stretch.cursor).string();
    return stretch.isReadToTheEnd() && Objects.equals(found, key.value());
  }

  /** Whether the text between the key and the value is an equals sign. */
  boolean isEquals(KdlSpan key, KdlSpan value) {
    if (key.source() != value.source() || key.end() != value.lead()) {
      return false;
    }
    Stretch stretch = new Stretch(value, value.lead(), value.start());
    return new EntryParser(stretch.cursor).skipEquals() && stretch.isReadToTheEnd();
  }

  boolean isValue(KdlValue value) {
    KdlSpan span = value.span();
    if (!span.isKnown()) {
      return false;
    }
    Stretch stretch = new Stretch(span, span.start(), span.end());
    KdlValue found = new EntryParser(stretch.cursor).value(span.lead(), span.start());
    return found != null
        && stretch.isReadToTheEnd()
        && CanonicalWriter.value(found, KdlVersion.V2)
            .equals(CanonicalWriter.value(value, KdlVersion.V2));
  }
}
