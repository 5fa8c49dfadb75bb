package dev.vmctl.daemon;

import dev.vmctl.api.Vmctl;
import dev.vmctl.controller.EngineStats;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Up once the engine has adopted what runs, every source has been read, and hypervisors answer. */
@Readiness
@ApplicationScoped
class ReadyCheck implements HealthCheck {
  private final Vmctl api;
  private final EngineLifecycle engine;

  ReadyCheck(Vmctl api, EngineLifecycle engine) {
    this.api = api;
    this.engine = engine;
  }

  @Override
  public HealthCheckResponse call() {
    EngineStats stats = engine.stats();
    return HealthCheckResponse.named("engine")
        .status(api.info().ready() && stats.silentBackends().isEmpty())
        .withData("vms", stats.vms().size())
        .withData("sources", stats.sources().size())
        .withData("sourcesUp", stats.sources().stream().filter(EngineStats.Source::up).count())
        .withData("silentBackends", String.join(",", stats.silentBackends()))
        .build();
  }
}
