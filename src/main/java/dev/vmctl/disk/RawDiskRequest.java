package dev.vmctl.disk;

import dev.vmctl.model.VmName;
import java.nio.file.Path;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A root disk for a hypervisor that knows no overlays.
 *
 * @param owner uuid of the VM
 * @param diskId identity of the disk
 * @param directory the VM's own
 * @param digest of the image's content: {@code sha256:} and 64 hexadecimal digits
 * @param sizeBytes size of the disk; null for the image's own
 */
public record RawDiskRequest(
    VmName vm,
    UUID owner,
    UUID diskId,
    Path directory,
    Disks.BaseImage base,
    String digest,
    @Nullable Long sizeBytes) {
  public RawDiskRequest {
    Objects.requireNonNull(vm);
    Objects.requireNonNull(owner);
    Objects.requireNonNull(diskId);
    if (!digest.matches("sha256:[0-9a-f]{64}")) {
      throw new IllegalArgumentException("not a digest: " + digest);
    }
  }

  /** What the disk has to hold, bytes. */
  long size() {
    return sizeBytes == null ? base.sizeBytes() : sizeBytes;
  }
}
