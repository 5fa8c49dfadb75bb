/**
 * VMs of FreeBSD's bhyve on this host: one process a VM, in the foreground of a small keeper that
 * outlives us.
 *
 * <pre>
 *   keeper (sh)                        /dev/vmm/NAME
 *     └ bhyve  exit 0: run again        made by bhyve, stays until bhyvectl --destroy
 *              exit 1, 2: powered off
 *              exit 3: triple fault     NAME.exit: the code, written after the destroy
 *              else: failed
 * </pre>
 *
 * <p>A note ({@link dev.vmctl.hypervisor.LaunchNote}) is written before the first change of the
 * host and removed after the last was undone: while it is there and nothing runs, something has to
 * be cleared away.
 */
@NullMarked
package dev.vmctl.hypervisor.bhyve;

import org.jspecify.annotations.NullMarked;
