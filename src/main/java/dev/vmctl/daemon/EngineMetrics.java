package dev.vmctl.daemon;

import dev.vmctl.controller.Observer;
import dev.vmctl.model.BackendTag;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmEvent;
import dev.vmctl.model.VmName;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.jboss.logging.MDC;
import org.jspecify.annotations.Nullable;

/**
 * Counts what the loop does. Nothing here has a VM's name for a label, so the number of series does
 * not grow with the VMs; what is told per VM comes from {@link EngineCollector}.
 */
@Singleton
class EngineMetrics implements Observer {
  /** Reasons of events are few and fixed; a slip must not cost a scraper its memory. */
  private static final int MOST_EVENT_REASONS = 100;

  private static final String OTHER = "other";
  private static final String OK = "ok";
  private static final Set<String> CODES =
      Arrays.stream(ErrorCode.values())
          .map(ErrorCode::text)
          .collect(Collectors.toUnmodifiableSet());

  private static final Duration[] FAST =
      millis(1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000);
  private static final Duration[] SLOW =
      millis(10, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 300_000, 900_000);

  private final MeterRegistry registry;
  private final Timer reconciles;
  private final Timer waits;
  private final Timer convergences;
  private final Counter retries;
  private final Counter downloads;
  private final Map<BackendTag, Timer> looks = new EnumMap<>(BackendTag.class);
  private volatile @Nullable Tracing tracing;
  private volatile Consumer<VmEvent> sinks = event -> {};
  private final Set<String> eventReasons = ConcurrentHashMap.newKeySet();

  EngineMetrics(MeterRegistry registry) {
    this.registry = registry;
    this.reconciles =
        timer("vmctl.reconcile.duration", "How long one reconcile of one VM took", FAST);
    this.waits =
        timer("vmctl.queue.latency", "How long a VM waited in the queue for a worker", FAST);
    this.convergences =
        timer(
            "vmctl.time.to.converge",
            "How long after a change of its declaration a VM was as declared",
            SLOW);
    // Here already, so that the first loss is an increase.
    losses("journal");
    this.retries =
        Counter.builder("vmctl.retries")
            .description("Reconciles that failed and are tried again after a pause")
            .register(registry);
    this.downloads =
        Counter.builder("vmctl.image.download")
            .description("What of images has come over the network")
            .baseUnit("bytes")
            .register(registry);
    for (BackendTag backend : BackendTag.values()) {
      looks.put(
          backend,
          Timer.builder("vmctl.hypervisor.answer.duration")
              .description("How long a hypervisor took to say how a VM is; of QEMU, by QMP")
              .tag("backend", backend.text())
              .serviceLevelObjectives(FAST)
              .register(registry));
    }
  }

  /** All that is logged until its end says of what it is. */
  @Override
  public void reconciling(VmName vm, String id) {
    MDC.put("vm", vm.value());
    MDC.put("reconcile", id);
    Tracing traces = tracing;
    if (traces != null) {
      MDC.put("trace", traces.begin(vm, id));
    }
  }

  @Override
  public void reconciled(VmName vm, Duration took, Outcome outcome, String reason) {
    MDC.remove("vm");
    MDC.remove("reconcile");
    Tracing traces = tracing;
    if (traces != null) {
      MDC.remove("trace");
      traces.end(outcome, reason);
    }
    reconciles.record(took);
    Counter.builder("vmctl.reconcile")
        .description("Reconciles by how they ended")
        .tag("outcome", outcome.name().toLowerCase(Locale.ROOT))
        .tag("reason", reason.equals(OK) || CODES.contains(reason) ? reason : OTHER)
        .register(registry)
        .increment();
    if (outcome == Outcome.FAILED) {
      retries.increment();
    }
  }

  @Override
  public void looked(BackendTag backend, Duration took) {
    Objects.requireNonNull(looks.get(backend)).record(took);
    Tracing traces = tracing;
    if (traces != null) {
      traces.looked(backend, took);
    }
  }

  @Override
  public void operated(String kind, Duration took, boolean succeeded) {
    Timer.builder("vmctl.operation.duration")
        .description("How long what takes longer than a step took, by what it was")
        .tag("kind", kind)
        .tag("result", succeeded ? "ok" : "failed")
        .serviceLevelObjectives(SLOW)
        .register(registry)
        .record(took);
  }

  @Override
  public void downloaded(long bytes) {
    downloads.increment((double) bytes);
  }

  @Override
  public void dequeued(VmName vm, Duration waited) {
    waits.record(waited);
  }

  @Override
  public void converged(VmName vm, Duration took) {
    convergences.record(took);
  }

  /** Tells of each reconcile there too. */
  void traceTo(Tracing traces) {
    tracing = traces;
  }

  /** Whom to tell of events; must be quick. */
  void passEventsOn(Consumer<VmEvent> further) {
    sinks = further;
  }

  /** Counts an event that was lost on its way to this sink. */
  Runnable losing(String sink) {
    Counter counter = losses(sink);
    return counter::increment;
  }

  @Override
  public void event(VmEvent event) {
    sinks.accept(event);
    Counter.builder("vmctl.events")
        .description("Events written")
        .tag("type", event.type().text())
        .tag("reason", boundedReason(event.reason()))
        .register(registry)
        .increment();
  }

  @Override
  public void eventLost(String sink) {
    losses(sink).increment();
  }

  private Counter losses(String sink) {
    return Counter.builder("vmctl.event.losses")
        .description("Events that did not get where they were to go")
        .tag("sink", sink)
        .register(registry);
  }

  /** Nothing is kept under a VM's name. */
  @Override
  public void forgotten(VmName vm) {}

  private String boundedReason(String reason) {
    if (eventReasons.contains(reason)) {
      return reason;
    }
    return eventReasons.size() < MOST_EVENT_REASONS && eventReasons.add(reason) ? reason : OTHER;
  }

  private Timer timer(String name, String description, Duration[] buckets) {
    return Timer.builder(name)
        .description(description)
        .serviceLevelObjectives(buckets)
        .register(registry);
  }

  private static Duration[] millis(long... bounds) {
    return LongStream.of(bounds).mapToObj(Duration::ofMillis).toArray(Duration[]::new);
  }
}
