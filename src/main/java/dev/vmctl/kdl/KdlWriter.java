package dev.vmctl.kdl;

/**
 * Writes documents. A document that was read without problems and not changed is written as it was
 * read, byte for byte. In a changed one everything that did not change keeps its spelling, layout
 * and comments; new parts get a plain layout. Whatever the document, the result reads as the same
 * document again.
 *
 * <p>Both forms are in the version of the language that the document names. They refuse, with an
 * {@link IllegalArgumentException}, what that version cannot say: blocks nested more than 128 deep,
 * half a surrogate pair in a string, and in KDL 1 infinities and not-a-number.
 */
public final class KdlWriter {
  private KdlWriter() {}

  /** The document with its layout and comments. */
  public static String write(KdlDocument document) {
    return LayoutWriter.document(document);
  }

  /**
   * The canonical form, which documents of the same meaning share: no comments, one node a line
   * indented by 4 spaces, arguments before properties, properties sorted by key and only the last
   * of each.
   */
  public static String canonical(KdlDocument document) {
    return CanonicalWriter.document(document);
  }

  /**
   * The usual layout: 4 spaces a level, one node a line, one space between its parts, at most one
   * empty line between nodes, newlines as LF. Comments, the spelling of values, the order and the
   * meaning stay; formatting twice is formatting once. The document must have been read without
   * problems, and not changed since.
   */
  public static String formatted(KdlDocument document) {
    return FormattedWriter.document(document);
  }
}
