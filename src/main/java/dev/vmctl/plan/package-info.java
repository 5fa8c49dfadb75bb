/**
 * From what is wanted, what was applied and what is seen to what to do next. Pure: no I/O, no
 * clock, no randomness; the same input gives the same plan.
 */
@NullMarked
package dev.vmctl.plan;

import org.jspecify.annotations.NullMarked;
