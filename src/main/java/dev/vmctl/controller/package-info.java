/**
 * The loop: wakes by name, observes afresh, plans, acts, records; and the operations that take
 * longer than a step.
 */
@NullMarked
package dev.vmctl.controller;

import org.jspecify.annotations.NullMarked;
