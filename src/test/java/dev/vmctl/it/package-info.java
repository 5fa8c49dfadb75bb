/** The product as a user has it: real processes, real QEMU, a real guest. */
@NullMarked
package dev.vmctl.it;

import org.jspecify.annotations.NullMarked;
