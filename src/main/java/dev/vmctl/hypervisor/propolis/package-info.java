/**
 * VMs on illumos: one propolis-server each, alone in a zone of its own.
 *
 * <p>The zone lives as long as the server does. It is described before anything else of a start is
 * made and deleted after everything else of a stop is gone, so whatever a crash leaves behind is
 * found by it.
 *
 * <pre>
 *   zone          server answers           seen as
 *   ------------  -----------------------  -------------------------------------------
 *   none          -                        Absent
 *   not ours      -                        Absent (a start is refused)
 *   ours, down    -                        Exited(Crash): the zone goes down with its server
 *                                          (Exited(Stopped) after a boot of the host)
 *   ours, up      nothing listens          Exited(Crash): the server has died
 *   ours, up      silence, nonsense        Unknown
 *   ours, up      424, Creating            Exited(Crash): a start broke off
 *   ours, up      Starting … Stopping      Running
 *   ours, up      Stopped, Destroyed       Exited(GuestShutdown)
 *   ours, up      Failed                   Exited(Crash)
 * </pre>
 *
 * <p>The interface is that of propolis-server's OpenAPI document 5.0.0 and of its source at commit
 * 372a5744.
 */
@NullMarked
package dev.vmctl.hypervisor.propolis;

import org.jspecify.annotations.NullMarked;
