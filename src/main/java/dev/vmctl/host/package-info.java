/**
 * What the other rooms need of the host: processes that outlive us, locks, files that are written
 * whole or not at all, and facts such as free memory.
 *
 * <p>The system calls the JDK has no door for (pidfd, flock, holes, reflinks) go through JNA,
 * loaded at the first of them.
 */
@NullMarked
package dev.vmctl.host;

import org.jspecify.annotations.NullMarked;
