/**
 * The QEMU adapter: turns a launch into a command line, starts QEMU in a session of its own, finds
 * it again after a restart of ours, and tells what its guest does.
 *
 * <pre>
 *   QMP run state                        observed as
 *   running, suspended (guest sleeps)    Running
 *   paused, prelaunch, io-error, …       Suspended   ("cont" goes on, also after a full disk)
 *   shutdown                             Exited: GuestShutdown
 *   guest-panicked                       Exited: GuestPanic
 *   internal-error                       Exited: Crash
 *   no answer, or another VM's           Unknown
 *   nobody listens, no such process      Absent
 * </pre>
 *
 * <p>QEMU is told to pause instead of ending when its guest ends ({@code -action}), so that the
 * reason can be read later, even by an engine that was not there when it happened.
 */
@NullMarked
package dev.vmctl.hypervisor.qemu;

import org.jspecify.annotations.NullMarked;
