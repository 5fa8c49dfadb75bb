/**
 * A host of zones, VNICs, datasets, taps and bhyve processes, as a state machine behind the port
 * {@link dev.vmctl.host.HostProcesses}. It takes the command lines the real programs take and no
 * others, answers in their formats and words (illumos-gate zoneadm.c, zonecfg.c, dladm.c; OpenZFS
 * zfs_main.c; FreeBSD ifconfig.c, bhyvectl.c, bhyverun.c), and can be cut off at any command.
 */
@NullMarked
package dev.vmctl.host.fake;

import org.jspecify.annotations.NullMarked;
