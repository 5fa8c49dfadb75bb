/**
 * The port to whatever runs VMs, the router that picks one, and (in sub-packages) the adapters,
 * which never see each other.
 *
 * <pre>{@code
 *          start                     resume
 * Absent ---------> Running <-----------------> Suspended
 *   ^                 |    suspend
 *   |  reap           | guest power-off, panic, stop
 *   +------------- Exited
 *
 * Unknown: the hypervisor does not answer. It is never taken for Absent or Exited.
 * }</pre>
 */
@NullMarked
package dev.vmctl.hypervisor;

import org.jspecify.annotations.NullMarked;
