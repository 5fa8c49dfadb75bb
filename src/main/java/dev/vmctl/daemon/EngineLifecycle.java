package dev.vmctl.daemon;

import dev.vmctl.api.Vmctl;
import dev.vmctl.controller.EngineStats;
import dev.vmctl.controller.Observer;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Opens the engine before Quarkus binds the socket, and closes it after the last request: Quarkus
 * binds after the start-up event, and unbinds before the shutdown event.
 */
@ApplicationScoped
class EngineLifecycle {
  private final EngineOpener opener;
  private final DaemonSettings settings;
  private final ApiSocket socket;
  private final Observer observer;
  private final AtomicReference<@Nullable RunningEngine> running = new AtomicReference<>();

  EngineLifecycle(
      EngineOpener opener, DaemonSettings settings, ApiSocket socket, EngineMetrics observer) {
    this.opener = opener;
    this.settings = settings;
    this.socket = socket;
    this.observer = observer;
  }

  void open(@Observes StartupEvent event) {
    DataDirectory.prepare(settings.dataDirectory());
    running.set(opener.open(settings, observer));
    socket.prepare();
  }

  void close(@Observes ShutdownEvent event) {
    RunningEngine engine = running.getAndSet(null);
    if (engine == null) {
      return;
    }
    try {
      // While the engine's lock is held: the file is still ours, not a successor's.
      socket.remove();
    } finally {
      engine.close().run();
    }
  }

  @Produces
  @ApplicationScoped
  Vmctl api() {
    return engine().api();
  }

  void resync() {
    engine().resync().run();
  }

  EngineStats stats() {
    return engine().stats().get();
  }

  private RunningEngine engine() {
    RunningEngine engine = running.get();
    if (engine == null) {
      throw new VmException(
          ErrorCode.DAEMON_UNREACHABLE, "the daemon is not serving", "try again in a moment");
    }
    return engine;
  }
}
