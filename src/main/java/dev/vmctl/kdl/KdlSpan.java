package dev.vmctl.kdl;

import java.util.Objects;

/**
 * Where a part of a document stands: {@code [start, end)} in a source, and before it, from {@code
 * lead} on, the whitespace and comments (slashdashed parts are comments) that belong to it.
 *
 * <p>All three are offsets in UTF-16 code units. A part that was made by a program and not read has
 * {@link #NONE}, or takes over the span of the part that it replaces: the writer keeps the layout
 * around it then, and finds by itself that it reads differently.
 */
public record KdlSpan(KdlSource source, int lead, int start, int end) {
  /** Nowhere: the writer chooses the layout. */
  public static final KdlSpan NONE = new KdlSpan(new KdlSource("", ""), 0, 0, 0);

  public KdlSpan {
    Objects.requireNonNull(source);
    if (lead < 0 || lead > start || start > end || end > source.text().length()) {
      throw new IllegalArgumentException(
          "span %d..%d..%d is not inside a text of %d"
              .formatted(lead, start, end, source.text().length()));
    }
  }

  /** The line of the start, from 1. */
  public int line() {
    return source.lineAt(start);
  }

  /** The column of the start, in code points from 1. */
  public int column() {
    return source.columnAt(start);
  }

  /** The line of the end. */
  public int endLine() {
    return source.lineAt(end);
  }

  /** The column just after the part's last code point. */
  public int endColumn() {
    return source.columnAt(end);
  }

  /** What stands there, as written. */
  public String text() {
    return source.text().substring(start, end);
  }

  /** The whitespace and comments before it, as written. */
  public String leadText() {
    return source.text().substring(lead, start);
  }

  /** Whether it was read from somewhere. */
  public boolean isKnown() {
    return !equals(NONE);
  }

  @Override
  public String toString() {
    return isKnown() ? source.name() + ":" + line() + ":" + column() : "nowhere";
  }
}
