package dev.vmctl.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.vmctl.Version;
import dev.vmctl.api.SampleViews;
import dev.vmctl.controller.EngineStats;
import dev.vmctl.controller.Observer;
import dev.vmctl.host.LinuxHostFacts;
import dev.vmctl.model.BackendTag;
import io.micrometer.core.instrument.Metrics;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.vertx.http.HttpServer;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import land.oras.auth.TokenCache;
import land.oras.utils.Const;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a scraper reads. */
@QuarkusTest
@QuarkusTestResource(TestDirectory.class)
class DaemonMetricsIT {
  @Inject FakeEngine engine;
  @Inject HttpServer server;

  @AfterEach
  void restore() {
    engine.stats = FakeEngine.STATS;
  }

  @Test
  void whatTheLoopDoesIsCounted() throws IOException {
    assertTheLoopIsCounted();
  }

  private void assertTheLoopIsCounted() throws IOException {
    Observer observer = Objects.requireNonNull(engine.observer);
    observer.reconciled(
        SampleViews.WEB, Duration.ofMillis(3), Observer.Outcome.STALLED, "qemu.spawn_failed");
    observer.dequeued(SampleViews.WEB, Duration.ofMillis(1));
    observer.converged(SampleViews.WEB, Duration.ofSeconds(2));
    observer.looked(BackendTag.QEMU, Duration.ofMillis(1));
    observer.operated("image", Duration.ofSeconds(2), true);
    observer.reconciled(
        SampleViews.WEB, Duration.ofMillis(3), Observer.Outcome.FAILED, "qmp.timeout");
    observer.event(SampleViews.EVENT);
    assertThat(scrape())
        .contains(
            "vmctl_reconcile_total{outcome=\"stalled\",reason=\"qemu.spawn_failed\",} ",
            "vmctl_reconcile_duration_seconds_count ",
            "vmctl_reconcile_duration_seconds_bucket{le=\"0.005\",} ",
            "vmctl_queue_latency_seconds_count ",
            "vmctl_retries_total ",
            "vmctl_hypervisor_answer_duration_seconds_bucket{backend=\"qemu\",le=\"0.001\",} ",
            "vmctl_operation_duration_seconds_count{kind=\"image\",result=\"ok\",} ",
            "vmctl_time_to_converge_seconds_bucket{le=\"2.5\",} ",
            "vmctl_events_total{reason=\"Crashed\",type=\"Warning\",} ");
  }

  @Test
  void whatTheEngineSaysOfItselfIsThere() throws IOException {
    assertThat(scrape())
        .contains(
            "vmctl_build_info{version=\"" + Version.CURRENT + "\",} 1.0",
            "vmctl_queue_depth 5.0",
            "vmctl_vms{state=\"running\",} 1.0",
            "vmctl_vms{state=\"failed\",} 0.0",
            "vmctl_vm_ready{vm=\"web\",} 1.0",
            "vmctl_vm_info{vm=\"web\",backend=\"noop\",source=\"/srv/VMFile.kdl\",} 1.0",
            "vmctl_vm_restarts_total{vm=\"web\",} 3.0",
            "vmctl_vm_state{vm=\"web\",state=\"running\",} 1.0",
            "vmctl_vm_drifted{vm=\"web\",} 0.0",
            "vmctl_vm_held{vm=\"web\",} 1.0",
            "vmctl_vm_cpu_seconds_total{vm=\"web\",} ",
            "vmctl_vm_memory_resident_bytes{vm=\"web\",} ",
            "vmctl_vm_disk_written_bytes_total{vm=\"web\",} ",
            "vmctl_source_current{source=\"/srv\",} 1.0",
            "vmctl_source_reached_timestamp_seconds{source=\"/gone\",} 60.0",
            "vmctl_image_cache_images 2.0",
            "vmctl_source_up{source=\"/srv\",} 1.0",
            "vmctl_source_up{source=\"/gone\",} 0.0");
  }

  @Test
  void aVmThatIsGoneLeavesNoSeries() throws IOException {
    engine.stats = new EngineStats(true, 0, List.of(), List.of(), FakeEngine.STATS.host());
    assertThat(scrape()).doesNotContain("vm=\"web\"").contains("vmctl_vms{state=\"running\",} 0.0");
  }

  @Test
  void whatALibraryMeasuresOfItselfIsNotThere() throws IOException {
    TokenCache.setMeterRegistry(Metrics.globalRegistry);
    Metrics.globalRegistry.counter(Const.METRIC_TOKEN_REFRESH, "realm", "x").increment();
    assertThat(scrape()).doesNotContain("oras");
  }

  @Test
  void promtoolHasNothingToSay() throws IOException, InterruptedException {
    Optional<Path> promtool = LinuxHostFacts.ofThisProcess().findProgram("promtool");
    assumeTrue(promtool.isPresent(), "promtool (Debian: prometheus) is not installed");
    assertTheLoopIsCounted();
    Process check =
        new ProcessBuilder(promtool.orElseThrow().toString(), "check", "metrics")
            .redirectErrorStream(true)
            .start();
    try (var stdin = check.getOutputStream()) {
      stdin.write(scrape().getBytes(StandardCharsets.UTF_8));
    }
    String said = new String(check.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(said).isEmpty();
    assertThat(check.waitFor()).isZero();
  }

  private String scrape() throws IOException {
    MetricsClient.Answer answer = MetricsClient.get(server.getManagementPort(), "/metrics");
    assertThat(answer.status()).isEqualTo(200);
    return answer.body();
  }
}
