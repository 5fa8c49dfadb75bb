package dev.vmctl.daemon;

import dev.vmctl.api.FakeVmctl;
import dev.vmctl.api.SampleViews;
import dev.vmctl.controller.EngineStats;
import dev.vmctl.controller.Observer;
import dev.vmctl.model.VmState;
import jakarta.annotation.Priority;
import jakarta.enterprise.inject.Alternative;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Opens one fake engine and keeps hold of it. */
@Alternative
@Priority(1)
@Singleton
class FakeEngine implements EngineOpener {
  static final EngineStats.Vm WEB =
      new EngineStats.Vm(
          SampleViews.WEB,
          "noop",
          "/srv/VMFile.kdl",
          VmState.RUNNING,
          true,
          3,
          false,
          true,
          2,
          512L << 20,
          ProcessHandle.current().pid());
  static final EngineStats STATS =
      new EngineStats(
          true,
          5,
          List.of(WEB),
          List.of(
              new EngineStats.Source("/srv", true, true, null),
              new EngineStats.Source("/gone", false, false, Instant.EPOCH.plusSeconds(60))),
          new EngineStats.Host(3L << 30, 2L << 30, 2, 1L << 20));

  final FakeVmctl vmctl = new FakeVmctl();
  final AtomicInteger resyncs = new AtomicInteger();
  volatile EngineStats stats = STATS;
  volatile @Nullable Observer observer;

  @Override
  public RunningEngine open(DaemonSettings settings, Observer observer) {
    this.observer = observer;
    return new RunningEngine(vmctl, resyncs::incrementAndGet, () -> stats, List::of, vmctl::close);
  }
}
