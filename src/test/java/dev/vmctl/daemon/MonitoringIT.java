package dev.vmctl.daemon;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.vmctl.host.LinuxHostFacts;
import dev.vmctl.host.LinuxHostProcesses;
import dev.vmctl.host.ToolResult;
import dev.vmctl.host.ToolRun;
import dev.vmctl.model.VmName;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is in manifests/ and docs/metrics.md, held against a daemon that a Prometheus scrapes. */
class MonitoringIT {
  private static final Path ROOT =
      Path.of(Objects.requireNonNull(System.getProperty("vmctl.basedir")));
  private static final Path MANIFESTS = ROOT.resolve("manifests");
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern METRIC = Pattern.compile("vmctl_[a-z_]+");

  /** What Micrometer and Prometheus put behind the name of a family. */
  private static final Pattern PART = Pattern.compile("_(bucket|count|sum)$");

  @TempDir static Path directory = Path.of("/nonexistent");

  private static DaemonProcess daemon;
  private static Process prometheus;
  private static SpanCollector collector;
  private static int port;
  private static HttpClient http;

  @BeforeAll
  static void start() throws Exception {
    Path vms = Files.createDirectories(directory.resolve("vms"));
    try (var image =
        Files.newByteChannel(
            directory.resolve("empty.raw"),
            Set.of(
                java.nio.file.StandardOpenOption.CREATE_NEW,
                java.nio.file.StandardOpenOption.WRITE))) {
      image.position((1 << 20) - 1).write(java.nio.ByteBuffer.allocate(1));
    }
    Files.writeString(
        vms.resolve("all.kdl"),
        """
        vm "web" { backend "noop" }
        vm "db" { backend "noop" }
        vm "lost" { image "/nonexistent/image.raw" }
        vm "box" { backend "qemu"; image "%s"; memory "128M"; disk "8M" }
        """
            .formatted(directory.resolve("empty.raw")));
    collector = SpanCollector.start();
    daemon =
        DaemonProcess.start(
                directory,
                directory.resolve("data"),
                "--watch",
                vms.toString(),
                "--listen",
                "127.0.0.1:0",
                "--traces",
                collector.url().toString())
            .serving();
    http = HttpClient.newHttpClient();
    port = LinuxHostFacts.ofThisProcess().freeTcpPort();
    Path config =
        Files.writeString(
            directory.resolve("prometheus.yml"),
            """
            global: {scrape_interval: 1s, evaluation_interval: 1s}
            rule_files: ["%s"]
            scrape_configs:
              - job_name: vmctl
                static_configs: [{targets: ["127.0.0.1:%d"]}]
            """
                .formatted(MANIFESTS.resolve("prometheus/vmctl.rules.yml"), daemon.port()));
    prometheus =
        new ProcessBuilder(
                "prometheus",
                "--config.file=" + config,
                "--storage.tsdb.path=" + directory.resolve("tsdb"),
                "--web.listen-address=127.0.0.1:" + port)
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("prometheus.log").toFile())
            .start();
    daemon.client().list(); // So that there is one on the API's account.
    // Rates need two scrapes, and the guest a first look.
    until(() -> !results("rate(vmctl_vm_cpu_seconds_total{vm=\"box\"}[1m])").isEmpty());
  }

  @AfterAll
  static void end() {
    if (daemon != null) {
      daemon.client().stop(new VmName("box"), Duration.ZERO);
      until(() -> results("vmctl_vm_state{vm=\"box\",state=\"running\"}").isEmpty());
      daemon.close();
      prometheus.destroy();
      collector.close();
      http.close();
    }
  }

  @Test
  void everyQueryOfTheDashboardCanBeAsked() throws Exception {
    Set<String> known = families();
    for (String query : queries(JSON.readTree(MANIFESTS.resolve("grafana/vmctl.json").toFile()))) {
      assertThat(metrics(query)).as(query).isNotEmpty().isSubsetOf(known);
      results(query);
    }
  }

  @Test
  void whatTheDashboardShowsOfVmsIsThere() {
    for (String query :
        List.of(
            "sum(vmctl_vms{state=\"running\"}) >= 2",
            "vmctl_vm_info{vm=\"web\",backend=\"noop\"}",
            "vmctl_vm_memory_resident_bytes{vm=\"box\"} > 0",
            "vmctl_vm_disk_written_bytes_total{vm=\"box\"}",
            "vmctl_hypervisor_answer_duration_seconds_count{backend=\"qemu\"} > 0",
            "vmctl_reconcile_total{outcome=\"converged\"} > 0",
            "vmctl_time_to_converge_seconds_count > 0",
            "vmctl_host_disk_free_bytes > 0",
            "vmctl_source_up == 1")) {
      until(() -> !results(query).isEmpty());
    }
  }

  @Test
  void everyAlertIsUnderstoodAndNamesWhatIsThere() throws Exception {
    until(() -> get("/api/v1/rules").at("/data/groups/0/rules/0/health").asText().equals("ok"));
    Set<String> known = families();
    for (JsonNode rule : get("/api/v1/rules").at("/data/groups/0/rules")) {
      assertThat(rule.path("health").asText()).as(rule.toString()).isNotEqualTo("err");
      assertThat(metrics(rule.path("query").asText())).as(rule.toString()).isSubsetOf(known);
    }
  }

  @Test
  void theAlertsDoWhatTheirTestsSay() throws Exception {
    Path rules = MANIFESTS.resolve("prometheus");
    ToolResult tested =
        new LinuxHostProcesses()
            .run(
                new ToolRun(
                    List.of(
                        "promtool",
                        "test",
                        "rules",
                        rules.resolve("vmctl.rules.test.yml").toString()),
                    Duration.ofSeconds(60)));
    assertThat(tested.succeeded()).as(tested.output() + tested.errors()).isTrue();
    String tests = Files.readString(rules.resolve("vmctl.rules.test.yml"));
    Matcher alerts =
        Pattern.compile("- alert: (\\w+)")
            .matcher(Files.readString(rules.resolve("vmctl.rules.yml")));
    assertThat(alerts.results().map(found -> found.group(1)))
        .allSatisfy(alert -> assertThat(tests).contains("alertname: " + alert + "\n"));
  }

  @Test
  void everyMetricIsInTheManualAndNoOther() throws Exception {
    Set<String> told = new TreeSet<>();
    for (String line : Files.readAllLines(ROOT.resolve("docs/metrics.md"))) {
      Matcher row = Pattern.compile("^\\| `(vmctl_[a-z_]+)").matcher(line);
      if (row.find()) {
        told.add(row.group(1));
      }
    }
    assertThat(told).containsExactlyInAnyOrderElementsOf(families());
  }

  @Test
  void everyLineOfAReconcileNamesIt() {
    until(
        () ->
            daemon
                .stderr()
                .lines()
                .anyMatch(
                    line -> line.matches(".*\\[Failures] lost#[0-9]+ lost: cannot create.*")));
  }

  @Test
  void everyReconcileIsASpanAtTheCollector() {
    until(() -> collector.received().matches("(?s).*vmctl\\.reconcile.{1,9}web#[0-9]+.*"));
    assertThat(collector.received()).contains("lost#", "qemu");
  }

  @Test
  void theSeriesOfADestroyedVmGoWithIt() {
    VmName gone = new VmName("db");
    until(() -> scrape().contains("vm=\"db\""));
    until(
        () -> {
          Files.writeString(
              directory.resolve("vms/all.kdl"),
              Files.readString(directory.resolve("vms/all.kdl"))
                  .replace("vm \"db\" { backend \"noop\" }\n", ""));
          return daemon.client().list().stream().noneMatch(vm -> vm.name().equals(gone.value()));
        });
    assertThat(scrape()).doesNotContain("vm=\"db\"").contains("vm=\"web\"");
  }

  /** As /metrics has them, with what a histogram is made of taken together. */
  private static Set<String> families() {
    return scrape()
        .lines()
        .filter(line -> line.startsWith("# TYPE vmctl_"))
        .map(line -> line.split(" "))
        // OpenMetrics has the ending of a counter on its samples alone.
        .map(
            type ->
                type[3].equals("counter") ? type[2].replaceFirst("(_total)?$", "_total") : type[2])
        .map(name -> name.replaceFirst("_max$", ""))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Set<String> metrics(String query) {
    return METRIC
        .matcher(query)
        .results()
        .map(found -> PART.matcher(found.group()).replaceFirst(""))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static List<String> queries(JsonNode dashboard) {
    List<String> queries = new ArrayList<>();
    for (JsonNode panel : dashboard.path("panels")) {
      for (JsonNode target : panel.path("targets")) {
        queries.add(
            target
                .path("expr")
                .asText()
                .replace("$instance", ".*")
                .replace("$vm", ".*")
                .replace("$__rate_interval", "1m"));
      }
    }
    assertThat(queries).hasSizeGreaterThan(20);
    return queries;
  }

  private static JsonNode results(String query) {
    JsonNode answer = get("/api/v1/query?query=" + URLEncoder.encode(query, UTF_8));
    assertThat(answer.path("status").asText()).as(query + ": " + answer).isEqualTo("success");
    return answer.at("/data/result");
  }

  private static JsonNode get(String path) {
    return read("http://127.0.0.1:" + port + path, JSON::readTree);
  }

  private static String scrape() {
    try {
      return read("http://127.0.0.1:" + daemon.port() + "/metrics", text -> text);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private interface Reading<T> {
    T read(String text) throws IOException;
  }

  private static <T> T read(String url, Reading<T> reading) {
    try {
      return reading.read(
          http.send(
                  HttpRequest.newBuilder(URI.create(url)).build(),
                  HttpResponse.BodyHandlers.ofString())
              .body());
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(url, e);
    }
  }

  private static void until(java.util.concurrent.Callable<Boolean> condition) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .ignoreExceptionsMatching(e -> !(e instanceof InterruptedException))
        .until(condition);
  }
}
