package dev.vmctl.hypervisor;

import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A disk of a machine that others have made.
 *
 * @param file absolute
 * @param format {@code qcow2} or {@code raw}
 * @param sizeBytes what the guest sees
 * @param base the image below it; null when it stands alone
 */
public record FoundDisk(Path file, String format, long sizeBytes, @Nullable Path base) {
  public FoundDisk {
    Objects.requireNonNull(file);
    Objects.requireNonNull(format);
  }

  public boolean isRaw() {
    return format.equals("raw");
  }
}
