/**
 * What vmctl remembers: one atomic file per VM with intent and what was applied, never what can be
 * observed; and the journal of events.
 *
 * <pre>
 *                  first start                     destroy
 *   (intent) CLAIMED ---------> LIVE ------------------------> (directory in the trash)
 *       |                                                        ^
 *       +--------------------------------------------------------+
 * </pre>
 *
 * A claim (identity, MAC, where its files are) is durable before the first side effect, so that a
 * crash at any point leaves something the next run adopts or cleans.
 */
@NullMarked
package dev.vmctl.store;

import org.jspecify.annotations.NullMarked;
