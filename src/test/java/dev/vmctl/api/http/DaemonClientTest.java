package dev.vmctl.api.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.vmctl.api.ApplyRequest;
import dev.vmctl.api.EventPage;
import dev.vmctl.api.EventQuery;
import dev.vmctl.api.LogChunk;
import dev.vmctl.api.LogKind;
import dev.vmctl.api.VmSummary;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.SourceId;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DaemonClientTest {
  private static final VmName WEB = new VmName("web");

  @TempDir Path directory;
  private CannedDaemon daemon;
  private DaemonClient client;

  @BeforeEach
  void start() throws IOException {
    Path socket = HttpApi.socket(directory);
    daemon = new CannedDaemon(socket);
    client = new DaemonClient(socket);
  }

  @AfterEach
  void stop() throws IOException {
    daemon.close();
  }

  @Test
  void theListComesBackAsRecords() {
    daemon.onJson(
        "GET /v1/vms",
        """
        [{"name":"web","state":"running","ready":true,"backend":"qemu","vcpus":2,
          "memoryMb":512,"network":"user","pid":7,"sshPort":2222,"source":"cli",
          "supervised":true,"future":1}]""");

    assertThat(client.list())
        .containsExactly(
            new VmSummary("web", "running", true, "qemu", 2, 512, "user", 7L, 2222, "cli", true));
  }

  @Test
  void theVersionOfTheDaemonIsKept() {
    assertThat(client.serverVersion()).isEmpty();
    daemon.onJson("GET /v1/vms", "[]");

    client.list();

    assertThat(client.serverVersion()).contains("9.9.9");
  }

  @Test
  void commandsAreSentAsTheirRoutes() {
    List<String> routes =
        List.of(
            "POST /v1/vms/web/start",
            "POST /v1/vms/web/stop?graceSeconds=30",
            "POST /v1/vms/web/suspend",
            "POST /v1/vms/web/suspend-to-disk?untilBoot=true",
            "POST /v1/vms/web/discard-memory",
            "DELETE /v1/vms/web/snapshots/a.b",
            "POST /v1/vms/web/resume",
            "POST /v1/vms/web/reload?provision=false",
            "POST /v1/vms/web/provision",
            "DELETE /v1/vms/web?purge=true");
    for (String route : routes) {
      daemon.on(route, 202, "text/plain", "", Map.of());
    }

    client.start(WEB);
    client.stop(WEB, Duration.ofSeconds(30));
    client.suspend(WEB);
    client.suspendToDisk(WEB, true);
    client.discardMemory(WEB);
    client.deleteSnapshot(WEB, "a.b");
    client.resume(WEB);
    client.reload(WEB, false);
    client.provision(WEB);
    client.destroy(WEB, true);

    assertThat(daemon.requests()).containsExactlyElementsOf(routes);
  }

  @Test
  void questionsAreSentAsTheirRoutes() {
    daemon.onJson(
        "GET /v1/changes?names=db,web&since=4&waitSeconds=30",
        "{\"version\":5,\"vms\":[],\"gone\":[\"db\"]}");
    daemon.onJson(
        "GET /v1/changes?since=0&waitSeconds=60",
        "{\"version\":1}".replace("}", ",\"vms\":[],\"gone\":[]}"));
    Map<String, String> next = Map.of(HttpApi.NEXT_OFFSET_HEADER, "42");
    for (String path : List.of("vm=web&since=2026-01-01T00%3A00%3A00Z", "after=42&waitSeconds=1")) {
      daemon.on("GET /v1/events?" + path, 200, "application/json", "[]", next);
    }
    daemon.onJson("POST /v1/trash/a%20b/restore", "{\"name\":\"web\"}");
    daemon.onJson("POST /v1/trash/empty", "{\"count\":2}");

    assertThat(client.changes(Set.of(WEB, new VmName("db")), 4, Duration.ofSeconds(30)).gone())
        .containsExactly("db");
    assertThat(client.changes(Set.of(), 0, Duration.ofMinutes(5)).version()).isEqualTo(1);
    assertThat(client.events(new EventQuery(WEB, Instant.parse("2026-01-01T00:00:00Z"))))
        .isEqualTo(new EventPage(List.of(), 42));
    assertThat(client.eventsAfter(42, Duration.ofSeconds(1)).next()).isEqualTo(42);
    assertThat(client.restore("a b")).isEqualTo(WEB);
    assertThat(client.emptyTrash(List.of("a", "b"))).isEqualTo(2);
    assertThat(daemon.requests()).last().isEqualTo("POST /v1/trash/empty {\"ids\":[\"a\",\"b\"]}");
  }

  @Test
  void anApplyRequestArrivesWhole() {
    daemon.onJson("POST /v1/apply", "{\"applied\":[\"web\"],\"removed\":[],\"undeclared\":[]}");

    assertThat(
            client
                .apply(
                    new ApplyRequest(
                        SourceId.cli(),
                        List.of(),
                        Set.of(WEB),
                        false,
                        true,
                        ApplyRequest.Provisioning.SKIP))
                .applied())
        .containsExactly(WEB);
    assertThat(daemon.requests())
        .containsExactly(
            "POST /v1/apply {\"source\":{\"kind\":\"CLI\",\"location\":\"cli\"},\"declarations\":[],"
                + "\"only\":[\"web\"],\"prune\":false,\"hold\":true,\"provisioning\":\"SKIP\"}");
  }

  @Test
  void aPieceOfALogKeepsItsBytesAndTheNextOffset() {
    daemon.on(
        "GET /v1/vms/web/log/console?offset=-10&waitSeconds=1",
        200,
        "application/octet-stream",
        "\u0000\u00ff\n",
        Map.of(HttpApi.NEXT_OFFSET_HEADER, "42"));

    LogChunk chunk = client.log(WEB, LogKind.CONSOLE, -10, Duration.ofMillis(500));

    assertThat(chunk.next()).isEqualTo(42);
    assertThat(chunk.data()).containsExactly(0, 0xff, '\n');
  }

  @ParameterizedTest
  @EnumSource(ErrorCode.class)
  void everyErrorComesBackAsItWasThrown(ErrorCode code) throws Exception {
    Problem problem = Problem.of(new VmException(code, "it \"failed\"", "do this"));
    daemon.on(
        "GET /v1/vms/web",
        problem.status(),
        HttpApi.PROBLEM_TYPE,
        dev.vmctl.json.Json.mapper().writeValueAsString(problem),
        Map.of());

    assertThatExceptionOfType(VmException.class)
        .isThrownBy(() -> client.status(WEB))
        .satisfies(
            failure -> {
              assertThat(failure.code()).isEqualTo(code);
              assertThat(failure).hasMessage("it \"failed\"");
              assertThat(failure.help()).isEqualTo("do this");
            });
  }

  @Test
  void anErrorOfANewerDaemonKeepsItsText() {
    daemon.on(
        "GET /v1/vms/web",
        418,
        HttpApi.PROBLEM_TYPE,
        "{\"status\":418,\"detail\":\"no coffee\",\"code\":\"pot.tea\",\"help\":\"drink tea\"}",
        Map.of());

    assertThatExceptionOfType(VmException.class)
        .isThrownBy(() -> client.status(WEB))
        .withMessage("no coffee (pot.tea)")
        .satisfies(failure -> assertThat(failure.code()).isEqualTo(ErrorCode.INTERNAL))
        .satisfies(failure -> assertThat(failure.help()).isEqualTo("drink tea"));
  }

  @Test
  void anErrorThatIsNoProblemDocumentIsQuoted() {
    daemon.on("GET /v1/info", 500, "text/html", "<h1>oh</h1>\nmore", Map.of());

    assertThatExceptionOfType(VmException.class)
        .isThrownBy(client::info)
        .withMessage("the daemon answered 500: <h1>oh</h1>");
  }

  @Test
  void aDaemonThatHangsUpIsUnreachable() {
    assertThatExceptionOfType(VmException.class)
        .isThrownBy(client::info)
        .satisfies(failure -> assertThat(failure.code()).isEqualTo(ErrorCode.DAEMON_UNREACHABLE));
  }

  @Test
  void nobodyAnswersOnAStaleSocket() throws IOException {
    assertThat(client.isAnswered()).isTrue();

    daemon.close();

    assertThat(client.isAnswered()).isFalse();
    assertThatExceptionOfType(VmException.class)
        .isThrownBy(client::list)
        .withMessageContaining(directory.toString())
        .satisfies(failure -> assertThat(failure.code()).isEqualTo(ErrorCode.DAEMON_UNREACHABLE));
  }

  @Test
  void aLargeAnswerArrivesWhole() {
    String line =
        "{\"name\":\"vm\",\"state\":\"stopped\",\"ready\":false,\"backend\":\"noop\",\"vcpus\":1,"
            + "\"memoryMb\":1,\"network\":\"none\",\"source\":\"cli\",\"supervised\":true}";
    daemon.onJson("GET /v1/vms", "[" + (line + ",").repeat(20_000) + line + "]");

    assertThat(client.list()).hasSize(20_001);
  }

  @Test
  void anAnswerThatDoesNotComeInTimeIsGivenUp() throws IOException {
    Path silent = directory.resolve("silent.sock");
    try (var server =
        java.nio.channels.ServerSocketChannel.open(java.net.StandardProtocolFamily.UNIX)) {
      server.bind(java.net.UnixDomainSocketAddress.of(silent));

      assertThatExceptionOfType(VmException.class)
          .isThrownBy(
              () ->
                  new DaemonHttp(new Endpoint.Unix(silent))
                      .exchange("GET", "/", null, Duration.ofMillis(50)))
          .withMessageContaining("did not answer within");
    }
  }

  @Test
  void bodiesAreUtf8() {
    daemon.on(
        "GET /v1/vms/web",
        404,
        HttpApi.PROBLEM_TYPE,
        new String(
            "{\"status\":404,\"detail\":\"“x”\",\"code\":\"vm.not_found\"}"
                .getBytes(StandardCharsets.UTF_8),
            StandardCharsets.ISO_8859_1),
        Map.of());

    assertThatExceptionOfType(VmException.class)
        .isThrownBy(() -> client.status(WEB))
        .withMessage("“x”");
  }
}
