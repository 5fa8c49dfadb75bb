@NullMarked
package dev.vmctl.daemon;

import org.jspecify.annotations.NullMarked;
