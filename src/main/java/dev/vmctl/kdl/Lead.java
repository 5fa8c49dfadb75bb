package dev.vmctl.kdl;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Takes apart what stands between nodes: newlines, comments, slashdashed nodes. */
final class Lead {
  /** What a piece is. */
  enum Kind {
    LINE_COMMENT,
    BLOCK_COMMENT,
    SLASHDASH,
    /** What is left behind the last piece. */
    NEWLINES
  }

  /**
   * A piece.
   *
   * @param newlinesBefore between the piece before and this one
   * @param text as written; of a slashdash what stands before its node
   * @param node what is slashdashed; null if it can only be copied, and then is in {@code text}
   */
  record Piece(Kind kind, int newlinesBefore, String text, @Nullable KdlNode node) {}

  private final Cursor cursor;
  private final int depth;
  private final List<Piece> pieces = new ArrayList<>();
  private int newlines;

  @SuppressWarnings("ArgumentSelectionDefectChecker") // what is read ends where the span starts
  private Lead(KdlSpan span, KdlVersion version, int depth) {
    this.cursor = new Cursor(span.source(), span.lead(), span.start(), version, new Problems());
    this.depth = depth;
  }

  /** The pieces of a span's lead. */
  static List<Piece> read(KdlSpan span, KdlVersion version, int depth) {
    Lead lead = new Lead(span, version, depth);
    while (lead.cursor.position < lead.cursor.end) {
      lead.next();
    }
    lead.add(Kind.NEWLINES, "", null);
    return lead.pieces;
  }

  private void next() {
    int start = cursor.position;
    if (cursor.skipNewline()) {
      newlines++;
    } else if (cursor.at('/', '/')) {
      cursor.skipToNewline();
      add(Kind.LINE_COMMENT, cursor.text.substring(start, cursor.position), null);
    } else if (cursor.at('/', '*')) {
      cursor.skipBlockComment();
      add(Kind.BLOCK_COMMENT, cursor.text.substring(start, cursor.position), null);
    } else if (cursor.atSlashdash()) {
      slashdash(start);
    } else {
      // Whitespace, or a line continuation, which means nothing between nodes.
      cursor.position++;
    }
  }

  private void slashdash(int start) {
    KdlNode node = new NodeParser(cursor).slashdashedNode(depth);
    if (node == null) {
      add(Kind.SLASHDASH, cursor.text.substring(start, cursor.position).strip(), null);
      return;
    }
    String between = cursor.text.substring(start + 2, node.span().start());
    if (between.isBlank()) {
      add(Kind.SLASHDASH, between.isEmpty() ? "/-" : "/- ", node);
    } else {
      add(Kind.SLASHDASH, "/-" + between, node);
    }
  }

  private void add(Kind kind, String text, @Nullable KdlNode node) {
    pieces.add(new Piece(kind, newlines, text, node));
    newlines = 0;
  }
}
