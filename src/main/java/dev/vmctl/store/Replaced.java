package dev.vmctl.store;

import java.time.Instant;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A VM has got another root disk and has not been ready on it yet: the way back is kept in sight.
 *
 * @param diskId the disk on which it was ready last; in the trash
 * @param provision how the steps had ended on that; null when they had not
 * @param since when it was first started on the new one; null before
 * @param told whether somebody was told that it is not ready in time
 */
public record Replaced(
    UUID diskId, @Nullable Provisioned provision, @Nullable Instant since, boolean told) {
  public Replaced {
    Objects.requireNonNull(diskId);
  }

  public Replaced startedAt(Instant at) {
    return since == null ? new Replaced(diskId, provision, at, told) : this;
  }

  public Replaced asTold() {
    return new Replaced(diskId, provision, since, true);
  }
}
