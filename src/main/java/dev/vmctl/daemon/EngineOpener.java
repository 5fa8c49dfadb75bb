package dev.vmctl.daemon;

import dev.vmctl.controller.Observer;

/** Opens the engine that a daemon serves. */
interface EngineOpener {
  /**
   * @throws dev.vmctl.model.VmException STORE_LOCKED, naming the holder, when another daemon has
   *     the data directory; IO when it cannot be used
   */
  RunningEngine open(DaemonSettings settings, Observer observer);
}
