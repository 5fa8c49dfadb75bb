package dev.vmctl.hypervisor.qemu;

import java.util.Objects;

/**
 * Whether guests can be run by KVM here.
 *
 * @param reason one line for people: how it was proven, or why not
 */
public record KvmVerdict(boolean usable, String reason) {
  public KvmVerdict {
    Objects.requireNonNull(reason);
  }
}
