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

  /**
   * What the guest wrote to its serial console.
   *
   * @param end offset of the first byte after these, since the instance began
   */
  record Serial(byte[] bytes, long end) {
    Serial {
      bytes = bytes.clone();
    }

    @Override
    public byte[] bytes() {
      return bytes.clone();
    }
  }
}
