package dev.vmctl.model;

import java.util.Objects;

/**
 * What holds for every VM that says nothing else.
 *
 * @param apply who applies a change, where a VM's {@code lifecycle} does not say; no part is null
 * @param parallel so many VMs at most are on their way up at once; 0 for any number
 * @param overcommit whether VMs are started though the host has not the memory
 */
public record EnginePolicy(ApplyPolicy apply, int parallel, boolean overcommit) {
  /** Changes are applied at once, any number of VMs starts at once, as far as memory goes. */
  public static final EnginePolicy STANDARD =
      new EnginePolicy(ApplyPolicy.all(ApplyPolicy.Mode.AUTO), 0, false);

  public EnginePolicy {
    Objects.requireNonNull(apply);
    if (parallel < 0) {
      throw new IllegalArgumentException("not a number of VMs: " + parallel);
    }
  }

  /** The same for so many VMs at once. */
  public EnginePolicy starting(int most, boolean overcommitted) {
    return new EnginePolicy(apply, most, overcommitted);
  }
}
