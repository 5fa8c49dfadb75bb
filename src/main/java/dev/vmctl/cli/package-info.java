/**
 * The commands. Each one is thin: it reads its arguments, asks {@link dev.vmctl.api.Vmctl}, and
 * shows the answer. Data goes to the standard output, everything else to the standard error.
 *
 * <p>Start-up is most of what a short command costs, so nothing is made before it is needed: of the
 * commands only the one that was called, of the engine nothing while a daemon answers.
 */
@NullMarked
package dev.vmctl.cli;

import org.jspecify.annotations.NullMarked;
