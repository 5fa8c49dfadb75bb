package dev.vmctl.daemon;

import dev.vmctl.host.ServiceNotice;
import dev.vmctl.model.VmException;
import io.quarkus.runtime.ShutdownEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * Keeps systemd told: that the daemon serves, that the loop is alive, that it ends. What cannot be
 * told is logged, and systemd draws its own conclusions.
 */
@ApplicationScoped
class Supervision {
  private static final Logger LOG = Logger.getLogger(Supervision.class);

  private final EngineLifecycle engine;
  private final Optional<ServiceNotice> notice;

  Supervision(EngineLifecycle engine) {
    this.engine = engine;
    this.notice = ServiceNotice.of(System.getenv(), ProcessHandle.current().pid());
  }

  void serving(String status) {
    notice.ifPresent(
        supervisor -> {
          tell(() -> supervisor.ready(status));
          Duration within = supervisor.watchdog();
          if (within.isPositive()) {
            Thread.ofVirtual().name("watchdog").start(() -> watch(supervisor, within.dividedBy(2)));
          }
        });
  }

  /** A loop that hangs is not told of: the watchdog then restarts the daemon. */
  private void watch(ServiceNotice supervisor, Duration period) {
    try {
      while (true) {
        if (engine.stats().alive()) {
          tell(supervisor::alive);
        } else {
          LOG.error("the loop takes no work any more; the watchdog is not told that it does");
        }
        Thread.sleep(period);
      }
    } catch (InterruptedException | VmException ending) {
      LOG.debug("the watchdog is told no more", ending);
    }
  }

  void ends(@Observes ShutdownEvent event) {
    notice.ifPresent(supervisor -> tell(supervisor::stopping));
  }

  private static void tell(Runnable what) {
    try {
      what.run();
    } catch (VmException e) {
      LOG.warn(e.getMessage());
    }
  }
}
