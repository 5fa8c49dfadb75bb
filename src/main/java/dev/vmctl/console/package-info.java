/**
 * Serial consoles: the ways there are to one, and how several people have one at once, also from
 * several processes.
 */
@NullMarked
package dev.vmctl.console;

import org.jspecify.annotations.NullMarked;
