package dev.vmctl.store;

import java.time.Instant;
import java.util.Objects;

/**
 * The intent to remove a VM.
 *
 * @param purge whether its disk is deleted for good instead of going to the trash
 * @param reason one word for the trash: Destroyed, Removed
 */
public record Removal(boolean purge, String reason, Instant at) {
  public Removal {
    Objects.requireNonNull(reason);
    Objects.requireNonNull(at);
  }
}
