package dev.vmctl.store;

import dev.vmctl.model.VmName;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Whose disks a VM's first ones are copies of.
 *
 * @param diskId the root disk of that VM, which must still be its present one when it is copied
 * @param imageDigest base image under that disk; null without one
 * @param tag of the snapshot that is copied; null where there are no disks
 */
public record CloneOf(VmName vm, UUID diskId, @Nullable String imageDigest, @Nullable String tag) {
  public CloneOf {
    Objects.requireNonNull(vm);
    Objects.requireNonNull(diskId);
  }
}
