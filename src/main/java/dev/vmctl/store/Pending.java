package dev.vmctl.store;

import java.time.Instant;
import java.util.Objects;

/** An action that was begun: written before it, gone after it. */
public record Pending(String action, long generation, Instant since) {
  public Pending {
    Objects.requireNonNull(action);
    Objects.requireNonNull(since);
  }
}
