package dev.vmctl.hypervisor.propolis;

import java.util.Objects;
import java.util.UUID;

/** An instance as its server tells of it. */
record Instance(UUID id, InstanceState state) {
  Instance {
    Objects.requireNonNull(id);
    Objects.requireNonNull(state);
  }

  /**
   * A state with its number.
   *
   * @param generation rises with each change; starts again at 1 with a new instance
   */
  record Change(long generation, InstanceState state) {
    Change {
      Objects.requireNonNull(state);
    }
  }
}
