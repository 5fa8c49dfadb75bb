package dev.vmctl.daemon;

import dev.vmctl.api.Vmctl;
import io.quarkus.runtime.ShutdownEvent;
import io.vertx.core.Vertx;
import io.vertx.ext.web.Router;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

/** What is served that has no end of its own. */
@ApplicationScoped
class Streams {
  private final Watchers watchers;

  Streams(Vmctl vmctl, Vertx vertx) {
    this.watchers = new Watchers(vmctl, vertx);
  }

  Watchers watchers() {
    return watchers;
  }

  void serve(@Observes Router router) {
    watchers.serve(router);
  }

  /** Before the engine closes, whom nobody should ask any more. */
  void close(@Observes @Priority(1) ShutdownEvent event) {
    watchers.close();
  }
}
