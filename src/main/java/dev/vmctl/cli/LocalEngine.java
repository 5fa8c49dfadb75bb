package dev.vmctl.cli;

import dev.vmctl.api.Vmctl;
import dev.vmctl.model.EnginePolicy;
import java.nio.file.Path;
import java.time.Duration;

/** The engine inside this process, for when no daemon runs. */
interface LocalEngine {
  /**
   * An engine that acts on the VMs it is told of. Waits no more than a moment for a daemon, which
   * does not end by itself.
   *
   * @param lockTimeout how long to wait for another command
   * @param policy what holds for VMs that say nothing else
   * @throws dev.vmctl.model.VmException STORE_LOCKED when a daemon holds the data directory
   */
  Vmctl open(Path dataDirectory, Duration lockTimeout, EnginePolicy policy);

  /** Answers questions only, and takes no lock. */
  Vmctl openReadOnly(Path dataDirectory);
}
