package dev.vmctl.guest;

import dev.vmctl.model.ProbeCheck;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/**
 * What a guest is asked, to know whether it is well.
 *
 * @param checks all must pass; none pass at once
 * @param interval between two looks
 * @param timeout how long it may take until all have passed
 */
public record HealthCheck(
    GuestAccess guest, List<ProbeCheck> checks, Duration interval, Duration timeout) {
  public HealthCheck {
    Objects.requireNonNull(guest);
    checks = List.copyOf(checks);
    Objects.requireNonNull(interval);
    Objects.requireNonNull(timeout);
  }
}
