package dev.vmctl.kdl;

import java.util.List;

/**
 * Writes a document by copying, part by part, what {@link Verbatim} finds still to be true of its
 * source, and by writing the rest anew.
 */
final class LayoutWriter {
  private static final String INDENTATION = "    ";

  private final KdlVersion version;
  private final Verbatim verbatim;
  private final StringBuilder out = new StringBuilder();

  /** Whether the node written last has nothing yet that ends it. */
  private boolean open;

  private LayoutWriter(KdlVersion version) {
    this.version = version;
    this.verbatim = new Verbatim(version);
  }

  static String document(KdlDocument document) {
    LayoutWriter writer = new LayoutWriter(document.version());
    writer.prologue(document.prologue());
    writer.nodes(document.nodes(), 0, "");
    if (writer.verbatim.isBetweenNodes(document.end(), 0)) {
      writer.closingLead(document.end());
    }
    return writer.out.toString();
  }

  private void prologue(KdlSpan prologue) {
    String text = prologue.text();
    VersionMarker marker = VersionMarker.find(text);
    if (marker.version() != null && marker.version() != version) {
      out.append("/- kdl-version ").append(version.number()).append('\n');
    } else if (marker.end() == text.length()) {
      out.append(text);
    }
  }

  private void nodes(List<KdlNode> nodes, int depth, String usual) {
    NodeParser.checkDepth(depth);
    String indentation = indentation(nodes, usual);
    for (KdlNode node : nodes) {
      if (open) {
        out.append('\n');
      }
      if (verbatim.isBetweenNodes(node.span(), depth)) {
        out.append(node.span().leadText());
      } else {
        beginLine(indentation);
      }
      node(node, depth, indentation);
    }
  }

  /** The indentation of the first node that begins a line of its own. */
  private static String indentation(List<KdlNode> nodes, String usual) {
    for (KdlNode node : nodes) {
      String text = node.span().source().text();
      int start = node.span().start();
      while (start > 0 && Characters.isSpace(text.charAt(start - 1))) {
        start--;
      }
      if (start > 0 && Characters.isNewline(text.charAt(start - 1))) {
        return text.substring(start, node.span().start());
      }
    }
    return usual;
  }

  private void beginLine(String indentation) {
    if (!out.isEmpty() && !Characters.isNewline(out.charAt(out.length() - 1))) {
      out.append('\n');
    }
    out.append(indentation);
  }

  private void node(KdlNode node, int depth, String indentation) {
    if (verbatim.isHeader(node)) {
      out.append(text(node.name().span(), node.span().start(), node.name().span().end()));
    } else {
      out.append(CanonicalWriter.name(node.type(), node.name().value(), version));
    }
    node.entries().forEach(this::entry);
    KdlBlock block = node.block();
    if (block != null) {
      out.append(verbatim.isBeforeBlock(block.span(), depth) ? block.span().leadText() : " ");
      block(block, depth, indentation);
    }
    Verbatim.Tail tail = verbatim.tail(node, depth);
    out.append(tail == Verbatim.Tail.WRONG ? "\n" : node.tail().text());
    open = tail == Verbatim.Tail.OPEN;
  }

  private void entry(KdlEntry entry) {
    out.append(verbatim.isBeforeEntry(entry.span()) ? entry.span().leadText() : " ");
    switch (entry) {
      case KdlValue value -> value(value);
      case KdlProperty property -> {
        KdlSpan key = property.key().span();
        KdlSpan value = property.value().span();
        boolean sameKey = verbatim.isKey(property.key());
        out.append(
            sameKey ? key.text() : CanonicalWriter.name(null, property.key().value(), version));
        out.append(sameKey && verbatim.isEquals(key, value) ? value.leadText() : "=");
        value(property.value());
      }
    }
  }

  private void value(KdlValue value) {
    boolean same = verbatim.isValue(value);
    out.append(same ? value.span().text() : CanonicalWriter.value(value, version));
  }

  private void block(KdlBlock block, int depth, String indentation) {
    out.append('{');
    open = false;
    nodes(block.nodes(), depth + 1, indentation + INDENTATION);
    if (verbatim.isBetweenNodes(block.closing(), depth + 1)) {
      closingLead(block.closing());
    } else if (!block.nodes().isEmpty()) {
      beginLine(indentation);
    }
    out.append('}');
  }

  /** Writes what stands behind the last node, and keeps it from becoming a part of that node. */
  private void closingLead(KdlSpan span) {
    String lead = span.leadText();
    if (open && !lead.isBlank()) {
      out.append('\n');
    }
    out.append(lead);
  }

  private static String text(KdlSpan span, int from, int to) {
    return span.source().text().substring(from, to);
  }
}
