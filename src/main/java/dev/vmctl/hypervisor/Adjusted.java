package dev.vmctl.hypervisor;

import dev.vmctl.model.Field;
import dev.vmctl.model.LaunchFacts;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * How a change of a running VM ended.
 *
 * @param facts of the run, after the change
 * @param refused fields that this run of the guest would not have changed, each with the reason:
 *     they are as they were, and need a restart
 */
public record Adjusted(LaunchFacts facts, Map<Field<?>, String> refused) {
  public Adjusted {
    Objects.requireNonNull(facts);
    refused = new LinkedHashMap<>(refused);
  }
}
