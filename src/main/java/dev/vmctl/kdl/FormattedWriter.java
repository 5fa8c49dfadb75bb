package dev.vmctl.kdl;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes a document in the one layout that there is no arguing about: four spaces a level, one node
 * a line, one space between its parts, at most one empty line between nodes.
 *
 * <p>Kept as written are the words themselves (how a string is quoted, a number's radix), comments,
 * what is slashdashed, the order of everything, whether there is an empty line, and a block on one
 * line as long as it fits.
 */
final class FormattedWriter {
  private static final String INDENTATION = "    ";
  private static final int WIDTH = 100;

  private final KdlVersion version;
  private final StringBuilder out = new StringBuilder();

  /** What stands last on the line that is being written. */
  private enum Last {
    /** Nothing: the line is empty, or the text is. */
    NOTHING,
    /** The brace that opens the block. */
    BRACE,
    NODE,
    /** A comment between slashes and asterisks: a node may follow it on its line. */
    BLOCK_COMMENT,
    /** A comment to the end of the line. */
    LINE_COMMENT
  }

  private Last last = Last.NOTHING;

  private FormattedWriter(KdlVersion version) {
    this.version = version;
  }

  /** The text; as it was read if it could not be laid out anew without another meaning. */
  static String document(KdlDocument document) {
    FormattedWriter writer = new FormattedWriter(document.version());
    writer.prologue(marker(document));
    int newlines = writer.nodes(document.nodes(), 0, 1);
    writer.between(document.end(), 0, newlines);
    if (!writer.out.isEmpty() && writer.last != Last.NOTHING) {
      writer.out.append('\n');
    }
    String text = writer.out.toString();
    return means(document, text) ? text : KdlWriter.write(document);
  }

  private static boolean means(KdlDocument document, String text) {
    KdlParse again = KdlReader.parseAs(new KdlSource("", text), document.version());
    // A slashdashed node that moves to the very beginning may look like a version marker there.
    return again.isValid()
        && marker(again.document()).isEmpty() == marker(document).isEmpty()
        && CanonicalWriter.document(again.document()).equals(CanonicalWriter.document(document));
  }

  /** The version marker without the byte order mark; empty without one. */
  private static String marker(KdlDocument document) {
    return document.prologue().text().strip().replace("\uFEFF", "");
  }

  private void prologue(String marker) {
    if (!marker.isEmpty()) {
      out.append(marker);
      last = Last.NODE;
    }
  }

  /**
   * Writes nodes with what stands between them.
   *
   * @param newlines how many newlines were read since whatever stands before them
   * @return how many were read since the last of them
   */
  private int nodes(List<KdlNode> nodes, int depth, int newlines) {
    int since = newlines;
    for (KdlNode node : nodes) {
      since = between(node.span(), depth, since);
      beginItem(depth, since, last == Last.BLOCK_COMMENT);
      since = node(node, depth);
    }
    return since;
  }

  /** Writes the comments of a lead; returns the newlines read since the last of them. */
  private int between(KdlSpan span, int depth, int newlines) {
    if (!span.isKnown()) {
      return newlines;
    }
    int since = newlines;
    for (Lead.Piece piece : Lead.read(span, version, depth)) {
      since += piece.newlinesBefore();
      switch (piece.kind()) {
        case NEWLINES -> {}
        case LINE_COMMENT, BLOCK_COMMENT -> {
          beginItem(depth, since, last != Last.NOTHING);
          out.append(piece.text().stripTrailing());
          last = piece.kind() == Lead.Kind.LINE_COMMENT ? Last.LINE_COMMENT : Last.BLOCK_COMMENT;
          since = 0;
        }
        case SLASHDASH -> {
          beginItem(depth, since, false);
          out.append(piece.text());
          KdlNode node = piece.node();
          since = node == null ? 0 : node(node, depth);
          last = Last.NODE;
        }
      }
    }
    return since;
  }

  /**
   * Goes to where a comment or a node begins.
   *
   * @param mayFollow whether it may stay on the line of what is before it, if it was read there
   */
  private void beginItem(int depth, int newlines, boolean mayFollow) {
    if (newlines == 0 && mayFollow && last != Last.LINE_COMMENT) {
      out.append(' ');
      return;
    }
    if (last != Last.NOTHING) {
      out.append('\n');
      if (newlines > 1 && last != Last.BRACE) {
        out.append('\n');
      }
    }
    out.repeat(INDENTATION, depth);
  }

  /** Writes a node and its tail; returns the newlines read behind it. */
  private int node(KdlNode node, int depth) {
    out.append(header(node));
    for (KdlEntry entry : node.entries()) {
      out.append(gap(entry.span())).append(entry(entry));
    }
    if (node.block() != null) {
      out.append(gap(node.block().span()));
      block(node.block(), depth);
    }
    last = Last.NODE;
    return tail(node);
  }

  private static String header(KdlNode node) {
    String name = node.name().span().text();
    KdlString type = node.type();
    String plain = type == null ? name : "(" + type.span().text() + ")" + name;
    KdlSource source = node.span().source();
    return ifSame(source.text().substring(node.span().start(), node.name().span().end()), plain);
  }

  private static String entry(KdlEntry entry) {
    return switch (entry) {
      case KdlProperty property -> {
        KdlSpan value = property.value().span();
        String written =
            value.source().text().substring(property.key().span().start(), value.end());
        yield ifSame(written, property.key().span().text() + "=" + value.text());
      }
      case KdlValue value -> value.span().text();
    };
  }

  /** The plain form, unless a comment or the like would be lost with it. */
  private static String ifSame(String written, String plain) {
    return withoutSpace(written).equals(withoutSpace(plain)) ? plain : written;
  }

  private static String withoutSpace(String text) {
    StringBuilder kept = new StringBuilder(text.length());
    text.codePoints().filter(c -> !Characters.isSpace(c)).forEach(kept::appendCodePoint);
    return kept.toString();
  }

  /** What stands before a part of a node: a space, and what is commented out there. */
  private static String gap(KdlSpan span) {
    String lead = span.leadText();
    return isBlank(lead) ? " " : lead;
  }

  private static boolean isBlank(String text) {
    return text.codePoints().allMatch(c -> Characters.isSpace(c) || c == 0xFEFF);
  }

  private void block(KdlBlock block, int depth) {
    String line = line(block);
    if (line != null && columns() + line.codePointCount(0, line.length()) <= WIDTH) {
      out.append(line);
      return;
    }
    out.append('{');
    last = Last.BRACE;
    int newlines = nodes(block.nodes(), depth + 1, 0);
    between(block.closing(), depth + 1, newlines);
    out.append('\n').repeat(INDENTATION, depth).append('}');
  }

  private int columns() {
    int start = out.lastIndexOf("\n") + 1;
    return out.codePointCount(start, out.length());
  }

  /** The block on one line; null if it was not read so, or holds comments. */
  private @Nullable String line(KdlBlock block) {
    String text = block.span().text();
    boolean empty = block.nodes().isEmpty() && text.substring(1, text.length() - 1).isBlank();
    if (empty) {
      return "{}";
    }
    if (text.chars().anyMatch(Characters::isNewline) || !isBlank(block.closing().leadText())) {
      return null;
    }
    StringBuilder line = new StringBuilder("{ ");
    for (KdlNode node : block.nodes()) {
      String inner = line(node);
      if (inner == null) {
        return null;
      }
      line.append(node == block.nodes().getFirst() ? "" : "; ").append(inner);
    }
    return line.append(" }").toString();
  }

  private @Nullable String line(KdlNode node) {
    String tail = node.tail().text();
    if (!isBlank(node.span().leadText())
        || !isBlank(tail.endsWith(";") ? tail.substring(0, tail.length() - 1) : tail)) {
      return null;
    }
    StringBuilder line = new StringBuilder(header(node));
    for (KdlEntry entry : node.entries()) {
      line.append(gap(entry.span())).append(entry(entry));
    }
    if (node.block() != null) {
      String inner = line(node.block());
      if (inner == null) {
        return null;
      }
      line.append(gap(node.block().span())).append(inner);
    }
    return line.toString();
  }

  private int tail(KdlNode node) {
    KdlSpan tail = node.tail();
    String text = tail.source().text();
    Cursor cursor = new Cursor(tail.source(), tail.start(), tail.end(), version, new Problems());
    new NodeParser(cursor).skipGap(node.block() != null, 0);
    String gap = text.substring(tail.start(), cursor.position);
    if (gap.indexOf('\\') >= 0) {
      continued(gap);
    } else if (!isBlank(gap)) {
      out.append(' ').append(gap.strip());
    }
    if (cursor.at('/', '/')) {
      int start = cursor.position;
      cursor.skipToNewline();
      out.append(' ').append(text, start, cursor.position);
      while (Character.isWhitespace(out.charAt(out.length() - 1))) {
        out.setLength(out.length() - 1);
      }
      last = Last.LINE_COMMENT;
    }
    return cursor.skipNewline() ? 1 : 0;
  }

  /** Writes a gap with line continuations, each of which needs a newline of its own. */
  private void continued(String gap) {
    if (gap.replace('\\', ' ').isBlank()) {
      return;
    }
    out.append(gap.stripTrailing());
    String behind = gap.substring(gap.lastIndexOf('\\') + 1).strip();
    if (behind.isEmpty() || behind.startsWith("//")) {
      out.append('\n');
    }
  }
}
