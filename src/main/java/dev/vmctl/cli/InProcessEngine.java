package dev.vmctl.cli;

import dev.vmctl.EngineOptions;
import dev.vmctl.VmctlEngine;
import dev.vmctl.api.Vmctl;
import dev.vmctl.model.EnginePolicy;
import java.nio.file.Path;
import java.time.Duration;

/** The real engine, loaded only when no daemon answers. */
final class InProcessEngine implements LocalEngine {
  @Override
  public Vmctl open(Path dataDirectory, Duration lockTimeout, EnginePolicy policy) {
    return VmctlEngine.open(EngineOptions.command(dataDirectory, lockTimeout).with(policy)).api();
  }

  @Override
  public Vmctl openReadOnly(Path dataDirectory) {
    return VmctlEngine.open(EngineOptions.reader(dataDirectory)).api();
  }
}
