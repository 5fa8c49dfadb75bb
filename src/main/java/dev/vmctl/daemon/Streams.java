package dev.vmctl.daemon;

import dev.vmctl.api.Vmctl;
import io.quarkus.runtime.ShutdownEvent;
import io.vertx.core.Vertx;
import io.vertx.ext.web.Router;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

/** The routes that are no exchanges of one request and one answer. */
@ApplicationScoped
class Streams {
  private final Watchers watchers;
  private final Consoles consoles;
  private final Dashboard dashboard;

  Streams(Vmctl vmctl, Vertx vertx, Dashboard dashboard) {
    this.watchers = new Watchers(vmctl, vertx);
    this.consoles = new Consoles(vmctl, vertx);
    this.dashboard = dashboard;
  }

  Watchers watchers() {
    return watchers;
  }

  void serve(@Observes Router router) {
    watchers.serve(router);
    consoles.serve(router);
    dashboard.serve(router);
  }

  /** Before the engine closes, whom nobody should ask any more. */
  void close(@Observes @Priority(1) ShutdownEvent event) {
    dashboard.close();
    watchers.close();
  }
}
