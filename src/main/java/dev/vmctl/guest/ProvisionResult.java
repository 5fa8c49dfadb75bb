package dev.vmctl.guest;

import java.util.Objects;

/** How provisioning ended. */
public sealed interface ProvisionResult {
  /** Every step ended well. */
  record Succeeded() implements ProvisionResult {}

  /**
   * @param step number of the failed step, from 1
   * @param message what failed and why, with the last lines of its output
   */
  record Failed(int step, String message) implements ProvisionResult {
    public Failed {
      Objects.requireNonNull(message);
    }
  }
}
