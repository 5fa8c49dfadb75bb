package dev.vmctl.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmctl.controller.Observer.Outcome;
import dev.vmctl.model.VmEvent;
import dev.vmctl.model.VmName;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class EngineMetricsTest {
  private static final VmName WEB = new VmName("web");

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final EngineMetrics metrics = new EngineMetrics(registry);

  @Test
  void reconcilesAreCountedByOutcomeAndCode() {
    metrics.reconciled(WEB, Duration.ofMillis(3), Outcome.CONVERGED, "ok");
    metrics.reconciled(WEB, Duration.ofMillis(5), Outcome.FAILED, "qmp.timeout");
    metrics.reconciled(WEB, Duration.ofMillis(5), Outcome.FAILED, "qmp.timeout");
    assertThat(reconciles("converged", "ok")).isEqualTo(1);
    assertThat(reconciles("failed", "qmp.timeout")).isEqualTo(2);
    assertThat(registry.get("vmctl.reconcile.duration").timer().count()).isEqualTo(3);
  }

  @Test
  void whatComesOverTheNetworkIsCountedInBytes() {
    metrics.downloaded(1000);
    metrics.downloaded(24);
    assertThat(registry.counter("vmctl.image.download").count()).isEqualTo(1024);
  }

  @Test
  void aReasonThatIsNoCodeMakesNoSeriesOfItsOwn() {
    metrics.reconciled(WEB, Duration.ZERO, Outcome.FAILED, "cannot open /some/path");
    assertThat(reconciles("failed", "other")).isEqualTo(1);
  }

  @Test
  void eventReasonsBeyondABoundShareOneSeries() {
    for (int i = 0; i < 300; i++) {
      metrics.event(new VmEvent(Instant.EPOCH, VmEvent.Type.NORMAL, "Reason" + i, WEB, "", 1));
    }
    assertThat(registry.find("vmctl.events").counters()).hasSize(101);
    assertThat(registry.get("vmctl.events").tag("reason", "other").counter().count())
        .isEqualTo(200);
  }

  @Test
  void manyVmsMakeNoMoreSeriesThanOne() {
    metrics.reconciled(WEB, Duration.ZERO, Outcome.CONVERGED, "ok");
    int before = registry.getMeters().size();
    for (int i = 0; i < 100; i++) {
      VmName name = new VmName("vm-" + i);
      metrics.reconciled(name, Duration.ZERO, Outcome.CONVERGED, "ok");
      metrics.dequeued(name, Duration.ZERO);
      metrics.converged(name, Duration.ZERO);
    }
    assertThat(registry.getMeters()).hasSize(before);
  }

  private double reconciles(String outcome, String reason) {
    return registry
        .get("vmctl.reconcile")
        .tag("outcome", outcome)
        .tag("reason", reason)
        .counter()
        .count();
  }
}
