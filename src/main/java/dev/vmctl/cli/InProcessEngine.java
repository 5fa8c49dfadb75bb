package dev.vmctl.cli;

import dev.vmctl.EngineOptions;
import dev.vmctl.VmctlEngine;
import dev.vmctl.api.Vmctl;
import dev.vmctl.host.Log;
import dev.vmctl.model.EnginePolicy;
import java.nio.file.Path;
import java.time.Duration;

/** The real engine, loaded only when no daemon answers. */
final class InProcessEngine implements LocalEngine {
  @Override
  public Vmctl open(Path dataDirectory, Duration lockTimeout, EnginePolicy policy) {
    quiet();
    return VmctlEngine.open(EngineOptions.command(dataDirectory, lockTimeout).with(policy)).api();
  }

  /**
   * What goes wrong with a VM the command itself tells; only faults of ours are left to the log.
   */
  private static void quiet() {
    Log.onlyFrom(System.Logger.Level.ERROR);
  }

  @Override
  public Vmctl openReadOnly(Path dataDirectory) {
    quiet();
    return VmctlEngine.open(EngineOptions.reader(dataDirectory)).api();
  }
}
