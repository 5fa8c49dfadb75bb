/** The values every room speaks: names, specs, states, conditions, events and errors. JDK only. */
@NullMarked
package dev.vmctl.model;

import org.jspecify.annotations.NullMarked;
