/**
 * What the other rooms need of the host: processes that outlive us, locks, files that are written
 * whole or not at all, and facts such as free memory.
 *
 * <p>The system calls the JDK has no door for (pidfd, flock) go through {@code java.lang.foreign}:
 * it costs a third of what loading a native-call library does at start, and is part of the JDK.
 */
@NullMarked
package dev.vmctl.host;

import org.jspecify.annotations.NullMarked;
