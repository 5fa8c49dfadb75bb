/**
 * Declared state from a branch of a Git repository.
 *
 * <pre>
 *   follower (a thread each):  ask for the branch's commit ── same ──▶ sleep, or be woken
 *                                   │ another
 *                                   ▼
 *                              fetch, depth 1, bounded ──▶ write its files aside ──▶ read all VMFiles there
 *                                                                                       │ all usable      │ not
 *                                                              current ──▶ trees/(commit)       stays where it is;
 *                                                              (renamed link)                   the source says why
 *                                                                     ╰──────▶ wake the sync ◀──────╯
 * </pre>
 *
 * <p>Reading the source never touches the network: it reads the files below {@code current}. All
 * paths of declarations lead through that link, so that a commit which changes nothing of a VM
 * changes none of its paths.
 */
@NullMarked
package dev.vmctl.source.git;

import org.jspecify.annotations.NullMarked;
