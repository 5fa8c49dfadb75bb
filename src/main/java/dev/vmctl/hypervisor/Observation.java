package dev.vmctl.hypervisor;

import dev.vmctl.model.ExitReason;
import java.util.Objects;

/** What a hypervisor says of a VM at one moment. */
public sealed interface Observation {
  /** Nothing of it runs. */
  record Absent() implements Observation {}

  /** The guest runs. */
  record Running(long pid) implements Observation {}

  /** The guest is frozen on purpose. */
  record Suspended(long pid) implements Observation {}

  /**
   * The guest has ended, but its process is still there (it keeps the reason); {@link
   * Hypervisor#reap} clears it away.
   */
  record Exited(ExitReason reason) implements Observation {
    public Exited {
      Objects.requireNonNull(reason);
    }
  }

  /** The hypervisor did not answer, or not in words we understand. */
  record Unknown(String why) implements Observation {
    public Unknown {
      Objects.requireNonNull(why);
    }
  }
}
