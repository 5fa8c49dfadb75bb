package dev.vmctl.cli;

import dev.vmctl.EngineOptions;
import dev.vmctl.VmctlEngine;
import dev.vmctl.api.Vmctl;
import dev.vmctl.model.EnginePolicy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/** The real engine, loaded only when no daemon answers. */
final class InProcessEngine implements LocalEngine {
  /** Held, or its level would be forgotten with it. */
  private @Nullable Logger log;

  @Override
  public Vmctl open(Path dataDirectory, Duration lockTimeout, EnginePolicy policy) {
    quiet();
    return VmctlEngine.open(EngineOptions.command(dataDirectory, lockTimeout).with(policy)).api();
  }

  /**
   * What goes wrong with a VM the command itself tells; only faults of ours are left to the log.
   */
  private void quiet() {
    log = Logger.getLogger("dev.vmctl");
    log.setLevel(Level.SEVERE);
  }

  @Override
  public Vmctl openReadOnly(Path dataDirectory) {
    quiet();
    return VmctlEngine.open(EngineOptions.reader(dataDirectory)).api();
  }
}
