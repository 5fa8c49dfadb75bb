package dev.vmctl.daemon;

import dev.vmctl.EngineOptions;
import dev.vmctl.VmctlEngine;
import dev.vmctl.controller.Observer;
import jakarta.inject.Singleton;

/** Opens the engine of this host. */
@Singleton
final class HostEngineOpener implements EngineOpener {
  @Override
  public RunningEngine open(DaemonSettings settings, Observer observer) {
    VmctlEngine engine =
        VmctlEngine.open(
            EngineOptions.daemon(settings.dataDirectory(), settings.watch(), observer)
                .following(settings.repositories(), settings.places())
                .with(settings.policy()));
    return new RunningEngine(
        engine.api(), engine::resync, engine::stats, engine::repositories, engine::close);
  }
}
