package dev.vmctl.store;

import dev.vmctl.model.ExitReason;
import java.time.Instant;
import java.util.Objects;

/** How and when the guest ended last. */
public record Exit(ExitReason reason, Instant at) {
  public Exit {
    Objects.requireNonNull(reason);
    Objects.requireNonNull(at);
  }
}
