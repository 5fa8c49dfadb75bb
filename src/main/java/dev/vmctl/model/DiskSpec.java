package dev.vmctl.model;

import java.nio.file.Path;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A disk beside the root disk. It is data: a new root disk leaves it as it is.
 *
 * @param name unlike those of the VM's other disks; the guest sees it as the disk's serial number,
 *     such as {@code /dev/disk/by-id/virtio-data}
 * @param sizeBytes null for its image's own size
 * @param image local image that it begins as; null, as {@code imageUrl}, for an empty disk
 * @param imageUrl image to download that it begins as
 */
public record DiskSpec(
    String name, @Nullable Long sizeBytes, @Nullable Path image, @Nullable String imageUrl) {
  /** The most a VM can have beside its root disk: one place on its bus each. */
  public static final int MOST = 8;

  /** A virtio disk's serial number has up to 20 bytes. */
  private static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9-]{0,18}[a-z0-9])?");

  /** What vmctl calls its own. */
  private static final Set<String> RESERVED = Set.of("root", "seed");

  public DiskSpec {
    if (!isName(name)) {
      throw new IllegalArgumentException("not a name of a disk: " + name);
    }
    if (image != null && imageUrl != null) {
      throw new IllegalArgumentException("two images for the disk " + name);
    }
    if (sizeBytes == null && image == null && imageUrl == null) {
      throw new IllegalArgumentException("neither size nor image for the disk " + name);
    }
  }

  public static boolean isName(String text) {
    return NAME.matcher(text).matches() && !RESERVED.contains(text);
  }

  /** Whether both begin as the same image, or both empty. */
  public boolean hasSameOrigin(DiskSpec other) {
    return Objects.equals(image, other.image) && Objects.equals(imageUrl, other.imageUrl);
  }

  /** Short form for tables and plans. */
  public String text() {
    StringBuilder text = new StringBuilder(name);
    if (sizeBytes != null) {
      text.append(' ').append(sizeBytes).append(" bytes");
    }
    if (image != null) {
      text.append(" on ").append(image);
    }
    if (imageUrl != null) {
      text.append(" on ").append(Withheld.from(imageUrl));
    }
    return text.toString();
  }
}
