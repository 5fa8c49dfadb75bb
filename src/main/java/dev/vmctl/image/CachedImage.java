package dev.vmctl.image;

import java.nio.file.Path;
import java.util.Objects;

/**
 * An image in the cache. Its file is read-only and never changes.
 *
 * @param digest {@code sha256:} and 64 hexadecimal digits of the content
 * @param virtualSizeBytes size of the disk it holds, bytes
 */
public record CachedImage(Path path, String digest, ImageFormat format, long virtualSizeBytes) {
  public CachedImage {
    Objects.requireNonNull(path);
    Objects.requireNonNull(digest);
    Objects.requireNonNull(format);
    if (virtualSizeBytes < 0) {
      throw new IllegalArgumentException("size " + virtualSizeBytes);
    }
  }
}
