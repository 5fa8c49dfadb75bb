/** What happens inside a guest: its cloud-init seed, its keys, SSH, readiness and provisioning. */
@NullMarked
package dev.vmctl.guest;

import org.jspecify.annotations.NullMarked;
