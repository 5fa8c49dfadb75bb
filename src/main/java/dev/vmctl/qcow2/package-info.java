/**
 * QEMU's image format: its header, the tables that make an empty overlay, and whether the tables of
 * an image lie within its file. Knows nothing of VMs; what a header means for them is for the rooms
 * {@code image} and {@code disk} to say.
 */
@NullMarked
package dev.vmctl.qcow2;

import org.jspecify.annotations.NullMarked;
