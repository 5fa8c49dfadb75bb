package dev.vmctl.daemon;

import dev.vmctl.Version;
import dev.vmctl.controller.Observer.Outcome;
import dev.vmctl.model.BackendTag;
import dev.vmctl.model.VmName;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Tells a collector of each reconcile, as a span. There is one only where somebody asked for it:
 * its libraries are loaded with it, not before.
 */
final class Tracing implements AutoCloseable {
  /** What is not told by then is lost: the daemon ends. */
  private static final Duration ENDING = Duration.ofSeconds(2);

  private final OpenTelemetrySdk sdk;
  private final Tracer tracer;

  @SuppressWarnings("ThreadLocalUsage") // there is one of these in a daemon
  private final ThreadLocal<@Nullable Span> reconcile = new ThreadLocal<>();

  private Tracing(OpenTelemetrySdk sdk) {
    this.sdk = sdk;
    this.tracer = sdk.getTracer("dev.vmctl", Version.CURRENT);
  }

  /**
   * @param collector takes OTLP over HTTP; what the variables of OpenTelemetry ({@code OTEL_…}) say
   *     of headers, sampling and resources holds
   */
  static Tracing to(URI collector) {
    Map<String, String> usual =
        Map.of(
            "otel.service.name", "vmctl",
            "otel.exporter.otlp.endpoint", collector.toString(),
            "otel.exporter.otlp.protocol", "http/protobuf",
            "otel.traces.exporter", "otlp",
            "otel.metrics.exporter", "none",
            "otel.logs.exporter", "none");
    return new Tracing(
        AutoConfiguredOpenTelemetrySdk.builder()
            .addPropertiesSupplier(() -> usual)
            .disableShutdownHook()
            .build()
            .getOpenTelemetrySdk());
  }

  /**
   * A reconcile begins, on this thread, where it ends too.
   *
   * @return what its trace is called
   */
  String begin(VmName vm, String id) {
    Span span =
        tracer
            .spanBuilder("reconcile")
            .setNoParent()
            .setAttribute("vmctl.vm", vm.value())
            .setAttribute("vmctl.reconcile", id)
            .startSpan();
    reconcile.set(span);
    return span.getSpanContext().getTraceId();
  }

  /** A hypervisor has answered, as part of this thread's reconcile if there is one. */
  void looked(BackendTag backend, Duration took) {
    Span parent = reconcile.get();
    if (parent != null) {
      Instant now = Instant.now();
      tracer
          .spanBuilder("look")
          .setParent(Context.root().with(parent))
          .setAttribute("vmctl.backend", backend.text())
          .setStartTimestamp(now.minus(took))
          .startSpan()
          .end(now);
    }
  }

  void end(Outcome outcome, String reason) {
    Span span = reconcile.get();
    reconcile.remove();
    if (span != null) {
      span.setAttribute("vmctl.outcome", outcome.name().toLowerCase(Locale.ROOT));
      if (outcome == Outcome.FAILED || outcome == Outcome.STALLED) {
        span.setStatus(StatusCode.ERROR, reason);
      }
      span.end();
    }
  }

  @Override
  public void close() {
    sdk.shutdown().join(ENDING.toMillis(), TimeUnit.MILLISECONDS);
  }
}
