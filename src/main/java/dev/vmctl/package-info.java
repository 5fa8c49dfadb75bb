/** vmctl: keeps the virtual machines of one host the way their VMFiles describe them. */
@NullMarked
package dev.vmctl;

import org.jspecify.annotations.NullMarked;
