package dev.vmctl.store;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Objects;

/**
 * A person's word that overrides what is declared, until it is lifted. Not part of the generation.
 *
 * @param by who asked
 * @param reason for people
 * @param grace how long the guest may take to stop before its process is ended
 */
public record Hold(Kind kind, String by, Instant at, String reason, Duration grace) {
  /** What is held. */
  public enum Kind {
    /** Stopped, though it is declared. */
    STOPPED,
    /** Frozen, though it is declared. */
    SUSPENDED;

    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public Hold {
    Objects.requireNonNull(kind);
    Objects.requireNonNull(by);
    Objects.requireNonNull(at);
    Objects.requireNonNull(reason);
    Objects.requireNonNull(grace);
  }
}
