/**
 * The KDL document language: a reader for KDL 2.0.0 that falls back to KDL 1.0.0, and a writer.
 *
 * <p>{@link dev.vmctl.kdl.KdlReader} turns text into a {@link dev.vmctl.kdl.KdlDocument} and a list
 * of {@link dev.vmctl.kdl.KdlProblem}s; it never throws for what a file contains. {@link
 * dev.vmctl.kdl.KdlWriter} turns a document back into text. Every part of a document knows its
 * {@link dev.vmctl.kdl.KdlSpan}: where it stands, and which whitespace and comments stand before
 * it. An unchanged document is therefore written back byte for byte, and a changed one keeps the
 * layout of all that did not change.
 *
 * <p>How it is built: {@code NodeParser} knows nodes, entries, blocks and where to go on after an
 * error; {@code Cursor} knows whitespace and comments; {@code LiteralsTwo} and {@code LiteralsOne}
 * know what strings and keywords look like in each version. A disallowed code point is found by a
 * pass of its own, so the grammar never has to ask. All of it takes time linear in the length of
 * the text.
 *
 * <p>Section names in this package's comments are those of the KDL 2.0.0 specification.
 */
@NullMarked
package dev.vmctl.kdl;

import org.jspecify.annotations.NullMarked;
