/**
 * Talks to the QEMU guest agent over its channel; speaks the protocol, and knows nothing of VMs.
 *
 * <p>See QEMU's {@code qga/qapi-schema.json} and the QEMU Guest Agent Protocol Reference.
 */
@NullMarked
package dev.vmctl.agent;

import org.jspecify.annotations.NullMarked;
