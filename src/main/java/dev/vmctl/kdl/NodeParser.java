package dev.vmctl.kdl;

import static dev.vmctl.kdl.KdlProblem.Code;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads nodes and blocks (sections "Node", "Children Block", "Slashdash comments").
 *
 * <p>After a problem the rest of the node's header is read without reporting more, its block is
 * read as if nothing had happened, and so is the next node.
 */
final class NodeParser {
  /** Deeper blocks are refused: every walk over a document would need that much stack. */
  static final int MAXIMUM_DEPTH = 128;

  private final Cursor cursor;
  private final EntryParser entries;
  private boolean unclosedReported;

  NodeParser(Cursor cursor) {
    this.cursor = cursor;
    this.entries = new EntryParser(cursor);
  }

  /** Refuses to write what could not be read again. */
  static void checkDepth(int depth) {
    if (depth > MAXIMUM_DEPTH) {
      throw new IllegalArgumentException(
          "a document is nested more than " + MAXIMUM_DEPTH + " blocks deep");
    }
  }

  /** What was met of a node so far. */
  private static final class Parts {
    final List<KdlEntry> entries = new ArrayList<>(2);
    @Nullable KdlBlock block;
    boolean blockMet;
    int end;

    Parts(int end) {
      this.end = end;
    }
  }

  KdlDocument document(KdlSpan prologue) {
    List<KdlNode> nodes = new ArrayList<>();
    int lead = nodes(nodes, 0);
    return new KdlDocument(cursor.version, prologue, nodes, cursor.span(lead, cursor.position));
  }

  /** Reads nodes up to the end or, in a block, to its brace; returns where the last one ended. */
  private int nodes(List<KdlNode> nodes, int depth) {
    int lead = cursor.position;
    while (true) {
      cursor.quiet = false;
      skipBetweenNodes(depth);
      int c = cursor.peek();
      if (c < 0 || (c == '}' && depth > 0)) {
        return lead;
      }
      if (c == '}') {
        String help = "remove it, or look for a '{' that is missing above";
        cursor.reportHere(Code.UNEXPECTED_BRACE, "this brace closes nothing", help);
        cursor.position++;
      } else if (c == ';') {
        String help = "a semicolon ends a node, and there is none before this one";
        cursor.reportHere(Code.NAME_EXPECTED, "a node's name is expected, not ';'", help);
        cursor.position++;
      } else {
        KdlNode node = node(lead, depth);
        if (node != null) {
          nodes.add(node);
        }
      }
      lead = cursor.position;
    }
  }

  /** Gets over {@code line-space*} and slashdashed nodes. */
  void skipBetweenNodes(int depth) {
    cursor.skipLineSpace();
    while (cursor.atSlashdash()) {
      int open = cursor.position;
      skipSlashdash();
      int c = cursor.peek();
      if (c < 0 || c == '}' || c == ';' || cursor.atSlashdash()) {
        reportSlashdash(open);
        cursor.quiet = false;
      } else {
        node(cursor.position, depth);
      }
      cursor.skipLineSpace();
    }
  }

  /** Reads the slashdash that is here and its node; null if there is none that can be read. */
  @Nullable KdlNode slashdashedNode(int depth) {
    skipSlashdash();
    return node(cursor.position, depth);
  }

  private void skipSlashdash() {
    cursor.position += 2;
    if (cursor.version == KdlVersion.V2) {
      cursor.skipLineSpace();
    } else {
      cursor.skipNodeSpace();
    }
  }

  private void reportSlashdash(int open) {
    String help = "put it directly before a node, an argument, a property or a block";
    cursor.report(
        Code.SLASHDASH_TARGET, open, open + 2, "this /- has nothing to comment out", help);
  }

  private @Nullable KdlNode node(int lead, int depth) {
    boolean outer = cursor.quiet;
    cursor.quiet = false;
    int start = cursor.position;
    KdlNode header = header();
    Parts parts = new Parts(cursor.position);
    rest(parts, depth);
    KdlSpan span = new KdlSpan(cursor.source, lead, start, parts.end);
    endNode();
    KdlSpan tail = cursor.span(parts.end, parts.end);
    cursor.quiet = outer;
    return header == null
        ? null
        : new KdlNode(header.type(), header.name(), parts.entries, parts.block, span, tail);
  }

  /** Reads a type and a name: a node that has nothing else yet. */
  @Nullable KdlNode header() {
    int start = cursor.position;
    KdlString type = null;
    if (cursor.peek() == '(') {
      type = entries.type();
      if (cursor.version == KdlVersion.V2) {
        cursor.skipNodeSpace();
      }
    }
    int from = cursor.position;
    String text = entries.string();
    if (text == null) {
      if (cursor.position == from && !endsNode() && cursor.peek() != '{') {
        cursor.skipJunk();
      }
      return null;
    }
    KdlString name = new KdlString(text, null, cursor.span(start, from));
    return new KdlNode(type, name, List.of(), null, KdlSpan.NONE, KdlSpan.NONE);
  }

  /** Reads everything behind the name that is not the end of the node. */
  private void rest(Parts parts, int depth) {
    while (true) {
      int lead = parts.end;
      boolean spaced = skipGap(parts, depth);
      if (endsNode()) {
        return;
      }
      if (cursor.peek() == '{') {
        if (parts.block != null) {
          String help = "put all of its children into one block";
          cursor.reportHere(Code.SECOND_BLOCK, "this node already has children", help);
        }
        KdlBlock block = block(lead, depth);
        parts.block = parts.block == null ? block : parts.block;
        parts.blockMet = true;
        parts.end = cursor.position;
      } else if (parts.block != null) {
        String help = "begin the next node on a new line, or put ';' after the brace";
        cursor.reportHere(Code.NODE_END_EXPECTED, "a node ends after its children", help);
        return;
      } else {
        entry(parts, lead, spaced);
      }
    }
  }

  private void entry(Parts parts, int lead, boolean spaced) {
    checkNoBlock(parts);
    KdlEntry entry = entries.entry(lead, spaced);
    if (entry != null) {
      parts.entries.add(entry);
      parts.end = cursor.position;
    }
  }

  /** Gets over what may stand between a node's parts; says whether there was a block. */
  boolean skipGap(boolean blockMet, int depth) {
    Parts parts = new Parts(cursor.position);
    parts.blockMet = blockMet;
    skipGap(parts, depth);
    return parts.blockMet;
  }

  /** Gets over what may stand behind a node's last part, and over its end; says if it has one. */
  boolean skipTail(boolean blockMet, int depth) {
    skipGap(blockMet, depth);
    return endNode();
  }

  /** Gets over whitespace and slashdashed parts; says whether whitespace came last. */
  private boolean skipGap(Parts parts, int depth) {
    boolean spaced = cursor.skipNodeSpace();
    while (cursor.atSlashdash()) {
      slashdashed(parts, depth);
      spaced = cursor.skipNodeSpace();
    }
    return spaced;
  }

  private void slashdashed(Parts parts, int depth) {
    int open = cursor.position;
    skipSlashdash();
    if (cursor.peek() == '{') {
      if (cursor.version == KdlVersion.V1 && parts.blockMet) {
        reportSlashdash(open);
      }
      block(cursor.position, depth);
      parts.blockMet = true;
    } else if (endsNode() || cursor.atSlashdash()) {
      reportSlashdash(open);
    } else {
      checkNoBlock(parts);
      entries.entry(cursor.position, true);
    }
  }

  private void checkNoBlock(Parts parts) {
    if (parts.blockMet) {
      String help = "move the arguments and properties before the blocks, commented out or not";
      cursor.reportHere(Code.ENTRY_AFTER_CHILDREN, "only blocks may follow a block", help);
    }
  }

  /** Whether the node ends here: at a newline, a comment to the end of line, ; or } or the end. */
  private boolean endsNode() {
    int c = cursor.peek();
    return c < 0 || c == ';' || c == '}' || Characters.isNewline(c) || cursor.at('/', '/');
  }

  /** Gets over the end of a node; false if only the end of the file or a brace ends it. */
  private boolean endNode() {
    if (cursor.peek() == ';') {
      cursor.position++;
      return true;
    }
    if (cursor.at('/', '/')) {
      cursor.skipToNewline();
    }
    return cursor.skipNewline();
  }

  private KdlBlock block(int lead, int depth) {
    int open = cursor.position;
    boolean outer = cursor.quiet;
    List<KdlNode> nodes = new ArrayList<>();
    cursor.position++;
    int end = cursor.position;
    if (depth == MAXIMUM_DEPTH) {
      String help = "blocks may be nested up to " + MAXIMUM_DEPTH + " deep";
      cursor.quiet = false;
      cursor.report(Code.NESTING, open, open + 1, "this block is nested too deep", help);
      unclosedReported |= !entries.skipBlock();
    } else {
      end = nodes(nodes, depth + 1);
    }
    int brace = cursor.position;
    if (cursor.peek() == '}') {
      cursor.position++;
    } else if (!unclosedReported) {
      cursor.quiet = false;
      unclosedReported = true;
      cursor.report(
          Code.UNCLOSED_BLOCK, open, open + 1, "this block is never closed", "close it with }");
    }
    cursor.quiet = outer;
    return new KdlBlock(nodes, cursor.span(lead, open), cursor.span(end, brace));
  }
}
