package dev.vmctl.daemon;

import io.micrometer.prometheus.PrometheusMeterRegistry;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;

/** Joins what the engine says of itself to what Micrometer has counted. */
@Singleton
@SuppressWarnings("deprecation") // the registry that Quarkus has
class MetricsRegistration {
  void register(
      @Observes StartupEvent event, PrometheusMeterRegistry registry, EngineLifecycle engine) {
    registry.getPrometheusRegistry().register(new EngineCollector(engine::stats));
  }
}
