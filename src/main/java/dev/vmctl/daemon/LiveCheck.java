package dev.vmctl.daemon;

import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;

/** Up while the loop takes work; a supervisor may restart a daemon that is down. */
@Liveness
@ApplicationScoped
class LiveCheck implements HealthCheck {
  private final EngineLifecycle engine;

  LiveCheck(EngineLifecycle engine) {
    this.engine = engine;
  }

  @Override
  public HealthCheckResponse call() {
    return HealthCheckResponse.named("loop").status(engine.stats().alive()).build();
  }
}
