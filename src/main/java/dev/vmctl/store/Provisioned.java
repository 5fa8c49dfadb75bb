package dev.vmctl.store;

import java.time.Instant;
import java.util.Objects;
import java.util.UUID;

/**
 * How provisioning of one disk with one list of steps ended.
 *
 * @param stepsHash see {@link SpecHash#ofSteps}
 * @param step the failed step, from 1; 0 when none failed
 */
public record Provisioned(
    UUID diskId, String stepsHash, Result result, int step, String message, Instant at) {
  /** How it ended. */
  public enum Result {
    SUCCEEDED,
    /** Not tried again until the steps change or somebody asks. */
    FAILED,
    /** Somebody said not to run them. */
    SKIPPED
  }

  public Provisioned {
    Objects.requireNonNull(diskId);
    Objects.requireNonNull(stepsHash);
    Objects.requireNonNull(result);
    Objects.requireNonNull(message);
    Objects.requireNonNull(at);
  }

  public boolean isFor(UUID disk, String steps) {
    return diskId.equals(disk) && stepsHash.equals(steps);
  }
}
