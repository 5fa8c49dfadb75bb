package dev.vmctl.daemon;

import dev.vmctl.api.Vmctl;
import dev.vmctl.api.http.DaemonClient;
import dev.vmctl.controller.EngineStats;
import dev.vmctl.host.HostLocks;
import dev.vmctl.host.LockHolder;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import dev.vmctl.source.git.GitRepository;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
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
  private final HostLocks locks;
  private final EngineMetrics observer;
  private @Nullable Tracing tracing;
  private final AtomicReference<@Nullable RunningEngine> running = new AtomicReference<>();

  EngineLifecycle(
      EngineOpener opener,
      DaemonSettings settings,
      ApiSocket socket,
      HostLocks locks,
      EngineMetrics observer) {
    this.opener = opener;
    this.settings = settings;
    this.socket = socket;
    this.locks = locks;
    this.observer = observer;
  }

  void open(@Observes StartupEvent event) {
    DataDirectory.prepare(settings.dataDirectory());
    refuseSecondDaemon();
    URI traces = settings.traces();
    if (traces != null) {
      tracing = Tracing.to(traces);
      observer.traceTo(tracing);
    }
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
      if (tracing != null) {
        tracing.close();
      }
    }
  }

  @Produces
  @ApplicationScoped
  Vmctl api() {
    return engine().api();
  }

  /** Looks at everything, unless there is no engine yet, or none any more. */
  void resync() {
    RunningEngine engine = running.get();
    if (engine != null) {
      engine.resync().run();
    }
  }

  EngineStats stats() {
    return engine().stats().get();
  }

  /** The repositories that are followed now. */
  List<GitRepository> repositories() {
    return engine().repositories().get();
  }

  /**
   * The engine waits a moment for a daemon that is ending. One that answers is not, so say at once
   * who it is. Should both start in this very moment, the lock decides.
   */
  private void refuseSecondDaemon() {
    Path lock = new dev.vmctl.store.DataDirectory(settings.dataDirectory()).daemonLock();
    List<LockHolder> holders = locks.holders(lock);
    if (!holders.isEmpty() && new DaemonClient(socket.path()).isAnswered()) {
      throw new VmException(
          ErrorCode.STORE_LOCKED,
          "another daemon has "
              + settings.dataDirectory()
              + ": "
              + holders.stream().map(LockHolder::toString).collect(Collectors.joining(", ")),
          "end that one first, or name another directory with --data-dir");
    }
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
