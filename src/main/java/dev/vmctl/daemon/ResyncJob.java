package dev.vmctl.daemon;

import io.quarkus.scheduler.Scheduled;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Singleton;

/** The safety net under all events: everything is looked at anew, again and again. */
@Singleton
class ResyncJob {
  private final EngineLifecycle engine;

  ResyncJob(EngineLifecycle engine) {
    this.engine = engine;
  }

  @Scheduled(
      identity = "resync",
      every = "{vmctl.resync}",
      delayed = "{vmctl.resync}",
      executionMaxDelay = "{vmctl.resync-jitter}",
      concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
  @RunOnVirtualThread
  void resync() {
    engine.resync();
  }
}
