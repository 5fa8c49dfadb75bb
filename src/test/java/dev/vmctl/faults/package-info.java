/**
 * The table of faults: tests say which fault they prove, and keep what the user is told about it.
 * {@code docs/faults.md} is made from them.
 */
@NullMarked
package dev.vmctl.faults;

import org.jspecify.annotations.NullMarked;
