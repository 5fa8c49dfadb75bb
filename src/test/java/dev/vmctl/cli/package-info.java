@NullMarked
package dev.vmctl.cli;

import org.jspecify.annotations.NullMarked;
