/** A hypervisor that runs nothing: for tests of scale and of everything around a hypervisor. */
@NullMarked
package dev.vmctl.hypervisor.noop;

import org.jspecify.annotations.NullMarked;
