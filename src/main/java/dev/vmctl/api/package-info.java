/**
 * The library's door: what can be asked of vmctl, and in what words it answers. Implemented by the
 * engine, and by the client of the daemon.
 */
@NullMarked
package dev.vmctl.api;

import org.jspecify.annotations.NullMarked;
