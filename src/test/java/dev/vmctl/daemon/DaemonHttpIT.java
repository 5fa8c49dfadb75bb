package dev.vmctl.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmctl.Version;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.vertx.http.HttpServer;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The daemon as any HTTP client sees it, a mistaken one too. */
@QuarkusTest
@QuarkusTestResource(TestDirectory.class)
class DaemonHttpIT {
  private static final String JSON = "application/json";

  @Inject ApiSocket socket;
  @Inject HttpServer server;
  @Inject Streams streams;

  @ParameterizedTest
  @CsvSource({
    "/v1/nothing, 404, usage",
    "/metrics, 404, usage",
    "/v1/vms/UPPER, 400, vm.name_invalid",
    "/v1/vms/other, 404, vm.not_found",
    "/v1/changes?since=x, 400, usage",
    "/v1/changes?waitSeconds=61, 400, usage",
    "/v1/changes?waitSeconds=-1, 400, usage",
    "/v1/events?since=yesterday, 400, usage",
    "/v1/vms/web/log/syslog, 400, usage",
    "/v1/vms/web/log/console?offset=1.5, 400, usage",
  })
  void aQuestionThatMakesNoSenseIsAProblemWithACode(String path, int status, String code)
      throws IOException {
    assertProblem(curl().get(path), status, code);
  }

  @ParameterizedTest
  @CsvSource({
    "POST, /v1/vms/web/stop, 400",
    "POST, /v1/vms/web/stop?graceSeconds=9999, 400",
    "DELETE, /v1/vms/web?purge=ture, 400",
    "PUT, /v1/vms, 405",
  })
  void aCommandThatMakesNoSenseIsNotCarriedOut(String method, String path, int status)
      throws IOException {
    assertProblem(curl().send(method, path, JSON, ""), status, "usage");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"source\": | usage",
        "[1, 2] | usage",
        "{} | usage",
        "'' | usage",
        "{\"only\": [\"UPPER\"]} | vm.name_invalid",
      })
  void aBodyThatIsNotWhatIsExpectedSaysSo(String body, String code) throws IOException {
    assertProblem(curl().send("POST", "/v1/apply", JSON, body), 400, code);
  }

  @Test
  void aBodyOfAnotherTypeIsRefused() throws IOException {
    assertProblem(curl().send("POST", "/v1/apply", "text/plain", "{}"), 415, "usage");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/v1/vms/..%2f..%2fetc%2fpasswd", "/v1/vms/%2e%2e/start", "/v1/vms/a%00b"})
  void aNameThatWouldBeAPathIsRefused(String path) throws IOException {
    assertThat(curl().get(path)).containsPattern("HTTP/1.1 40[045] ").doesNotContain("root:");
    assertThat(curl().get("/v1/vms/web/log/..%2fconsole")).startsWith("HTTP/1.1 400 ");
  }

  @Test
  void aBodyOfAHundredMegabytesIsRefusedBeforeItIsRead() throws IOException {
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket.path()))) {
      String head =
          "POST /v1/apply HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
              + "Content-Length: 104857600\r\n\r\n[";
      channel.write(ByteBuffer.wrap(head.getBytes(StandardCharsets.US_ASCII)));
      ByteBuffer answer = ByteBuffer.allocate(4096);
      channel.read(answer);
      assertProblem(
          new String(answer.array(), 0, answer.position(), StandardCharsets.UTF_8), 413, "usage");
    }
    assertThat(curl().get("/v1/info")).startsWith("HTTP/1.1 200 ");
  }

  @Test
  void aCommandOnWhatHasChangedSinceIsAConflict() throws IOException {
    String status = curl().get("/v1/vms/web");
    Matcher tag = Pattern.compile("(?i)\netag: (\"[0-9a-f]{16}\")").matcher(status);
    assertThat(tag.find()).as(status).isTrue();
    assertThat(start(tag.group(1))).startsWith("HTTP/1.1 202 ");
    assertThat(start("*")).startsWith("HTTP/1.1 202 ");
    assertProblem(start("\"0123456789abcdef\""), 409, "version.stale");
  }

  private String start(String version) throws IOException {
    return curl().send("POST", "/v1/vms/web/start", JSON + "\r\nIf-Match: " + version, "");
  }

  @Test
  void aClientThatDisconnectsMidStreamIsForgotten() throws IOException {
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket.path()))) {
      channel.write(
          ByteBuffer.wrap(
              "GET /v1/watch HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
      ByteBuffer answer = ByteBuffer.allocate(64);
      channel.read(answer);
      assertThat(streams.watchers().size()).isEqualTo(1);
    }
    Awaitility.await().until(() -> streams.watchers().size() == 0);
  }

  @Test
  void theApiIsNotOnTcp() throws IOException {
    assertThat(MetricsClient.get(server.getManagementPort(), "/v1/info").status()).isEqualTo(404);
    assertThat(server.getPort()).isEqualTo(-1);
  }

  @Test
  void healthTellsOfLoopAndEngine() throws IOException {
    MetricsClient.Answer live = MetricsClient.get(server.getManagementPort(), "/health/live");
    MetricsClient.Answer ready = MetricsClient.get(server.getManagementPort(), "/health/ready");
    assertThat(live.status()).isEqualTo(200);
    assertThat(live.body()).contains("\"loop\"");
    assertThat(ready.status()).isEqualTo(200);
    assertThat(ready.body()).contains("\"sourcesUp\": 1");
  }

  @Test
  void aSocketPathOfAnotherIsNotAnswered() {
    assertThatThrownBy(() -> new UnixCurl(socket.pointer()).get("/v1/info"))
        .isInstanceOf(IOException.class);
  }

  private static void assertProblem(String answer, int status, String code) {
    assertThat(answer)
        .startsWith("HTTP/1.1 " + status + " ")
        .containsIgnoringCase("\nvmctl-version: " + Version.CURRENT + "\r\n")
        .containsIgnoringCase("\ncontent-type: application/problem+json")
        .contains("\"type\":\"about:blank\"", "\"status\":" + status, "\"code\":\"" + code + "\"")
        .doesNotContain("\tat ", "(StringReader)");
  }

  private UnixCurl curl() {
    return new UnixCurl(socket.path());
  }
}
