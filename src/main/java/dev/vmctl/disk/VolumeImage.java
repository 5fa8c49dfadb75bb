package dev.vmctl.disk;

import java.util.Objects;

/**
 * A volume of the host that an image was copied to, for disks to be cloned from.
 *
 * @param digest of the image, {@code sha256:…}
 * @param dataset its name
 * @param bytes its size
 * @param usedBytes what it takes of its pool
 */
public record VolumeImage(String digest, String dataset, long bytes, long usedBytes) {
  public VolumeImage {
    Objects.requireNonNull(digest);
    Objects.requireNonNull(dataset);
  }
}
