package dev.vmctl.store;

import java.time.Instant;
import java.util.Objects;

/**
 * The intent to remove a VM.
 *
 * @param purge whether its disk is deleted for good instead of going to the trash
 * @param reason one word for the trash: Destroyed, Removed
 * @param release whether it is only to be forgotten: it runs on, and its files stay
 */
public record Removal(boolean purge, String reason, Instant at, boolean release) {
  public Removal {
    Objects.requireNonNull(reason);
    Objects.requireNonNull(at);
  }

  /** One that takes the VM away. */
  public Removal(boolean purge, String reason, Instant at) {
    this(purge, reason, at, false);
  }

  /** One that leaves the VM as it is. */
  public static Removal release(String reason, Instant at) {
    return new Removal(false, reason, at, true);
  }
}
