package dev.vmctl.image;

import java.util.Objects;

/**
 * What the content of an image file tells.
 *
 * @param virtualSizeBytes size of the disk it holds, bytes
 * @param fileBytes length of the file
 */
public record ImageFacts(ImageFormat format, long virtualSizeBytes, long fileBytes) {
  public ImageFacts {
    Objects.requireNonNull(format);
  }
}
