package dev.vmctl.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmctl.controller.Observer.Outcome;
import dev.vmctl.model.BackendTag;
import dev.vmctl.model.VmName;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import org.jboss.logging.MDC;
import org.junit.jupiter.api.Test;

/** Reconciles told to a collector. */
class TracingTest {
  private static final VmName WEB = new VmName("web");
  private final EngineMetrics metrics = new EngineMetrics(new SimpleMeterRegistry());

  @Test
  void aReconcileIsASpanWithItsVmItsNameAndHowItEnded() throws IOException {
    try (SpanCollector collector = SpanCollector.start()) {
      try (Tracing tracing = Tracing.to(collector.url())) {
        metrics.traceTo(tracing);
        metrics.looked(BackendTag.NOOP, Duration.ofMillis(1)); // Of nobody's reconcile.
        metrics.reconciling(WEB, "web#17");
        assertThat(String.valueOf(MDC.get("trace"))).matches("[0-9a-f]{32}");
        metrics.looked(BackendTag.QEMU, Duration.ofMillis(1));
        metrics.reconciled(WEB, Duration.ofMillis(3), Outcome.STALLED, "qemu.spawn_failed");
        assertThat(MDC.get("trace")).isNull();
      }
      // What was not sent yet is sent at the end.
      assertThat(collector.received())
          .contains("service.name", "vmctl.vm", "vmctl.reconcile", "web#17", "stalled")
          .contains("qemu.spawn_failed", "look", "qemu")
          .doesNotContain("noop");
    }
  }

  @Test
  void withoutACollectorNothingIsToldAndNothingFails() {
    try (Tracing tracing = Tracing.to(URI.create("http://127.0.0.1:1"))) {
      metrics.traceTo(tracing);
      for (int i = 0; i < 5_000; i++) {
        metrics.reconciling(WEB, "web#" + i);
        metrics.reconciled(WEB, Duration.ofMillis(3), Outcome.CONVERGED, "ok");
      }
    }
  }
}
