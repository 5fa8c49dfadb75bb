/**
 * Speaks QMP, QEMU's control protocol, over a unix socket. Knows nothing of VMs.
 *
 * <pre>
 *   connecting --greeting--> negotiating --reply--> open --EOF, bad JSON, close()--> closed
 *        \______________________\____________ deadline, EOF _________________________/
 * </pre>
 *
 * <p>Two threads own the socket, one reads and one writes; callers only wait on futures. A thread
 * that is interrupted inside socket I/O closes the channel for everybody, and callers are
 * interrupted whenever an operation is cancelled.
 */
@NullMarked
package dev.vmctl.hypervisor.qmp;

import org.jspecify.annotations.NullMarked;
