package dev.vmctl.store;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A person's word that overrides what is declared, until it is lifted. Not part of the generation.
 *
 * @param by who asked
 * @param reason for people
 * @param grace how long the guest may take to stop before its process is ended
 * @param boot the boot of the host that it ends with; null for one that only a person lifts
 */
public record Hold(
    Kind kind, String by, Instant at, String reason, Duration grace, @Nullable String boot) {
  /** What is held. */
  public enum Kind {
    /** Stopped, though it is declared. */
    STOPPED,
    /** Stopped because the host goes down; it comes back with the host. */
    DRAINED,
    /** Frozen, though it is declared. */
    SUSPENDED,
    /** Its guest's memory is on disk, and it does not run, though it is declared. */
    SUSPENDED_TO_DISK;

    public String text() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  public Hold {
    Objects.requireNonNull(kind);
    Objects.requireNonNull(by);
    Objects.requireNonNull(at);
    Objects.requireNonNull(reason);
    Objects.requireNonNull(grace);
  }

  /** One that stays until it is lifted. */
  public Hold(Kind kind, String by, Instant at, String reason, Duration grace) {
    this(kind, by, at, reason, grace, null);
  }

  /** Whether it has ended by itself, with the boot of the host that it was made in. */
  public boolean isOver(String bootNow) {
    return boot != null && !boot.equals(bootNow);
  }
}
