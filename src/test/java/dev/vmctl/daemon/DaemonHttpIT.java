package dev.vmctl.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmctl.Version;
import dev.vmctl.faults.Area;
import dev.vmctl.faults.Fault;
import dev.vmctl.faults.Seen;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.vertx.http.HttpServer;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

  @Test
  @Fault(area = Area.API, value = "a name that would be a path")
  void aNameThatWouldBeAPathIsRefused(Seen seen) throws IOException {
    for (String path : List.of("/v1/vms/%2e%2e/start", "/v1/vms/a%00b", "/v1/vms/%2e%2e%2fx")) {
      assertThat(curl().get(path)).containsPattern("HTTP/1.1 40[045] ");
    }
    String answer = curl().get("/v1/vms/..%2f..%2fetc%2fpasswd");
    assertProblem(answer, 400, "vm.name_invalid");
    seen.says("of a VM", lines(answer));
    String log = curl().get("/v1/vms/web/log/..%2fconsole");
    assertProblem(log, 400, "usage");
    seen.says("of a log", lines(log));
  }

  @Test
  @Fault(area = Area.API, value = "a body of 100 MB")
  void aBodyOfAHundredMegabytesIsRefusedBeforeItIsRead(Seen seen) throws IOException {
    String answer = large("Content-Length: 104857600\r\n\r\n[", 0);
    assertProblem(answer, 413, "usage");
    seen.says(lines(answer));
    assertThat(curl().get("/v1/info")).startsWith("HTTP/1.1 200 ");
  }

  @Test
  @Fault(area = Area.API, value = "a body of 100 MB whose length is not said")
  void aBodyWithoutALengthIsReadNoFurtherThanTheLimit(Seen seen) throws IOException {
    String answer = large("Transfer-Encoding: chunked\r\n\r\n", 100);
    assertProblem(answer, 413, "usage");
    seen.says(lines(answer));
    String small = large("Transfer-Encoding: chunked\r\n\r\n1\r\n[\r\n1\r\n]\r\n0\r\n\r\n", 0);
    assertProblem(small, 400, "usage");
  }

  /**
   * @param rest of the head, and what follows
   * @param most how many chunks of a megabyte are sent, while they are taken
   */
  private String large(String rest, int most) throws IOException {
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket.path()))) {
      String head = "POST /v1/apply HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
      channel.write(ByteBuffer.wrap((head + rest).getBytes(StandardCharsets.US_ASCII)));
      String chunk = "100000\r\n" + " ".repeat(1 << 20) + "\r\n";
      try {
        for (int i = 0; i < most; i++) {
          ByteBuffer left = ByteBuffer.wrap(chunk.getBytes(StandardCharsets.US_ASCII));
          while (left.hasRemaining()) {
            channel.write(left);
          }
        }
      } catch (IOException noMore) {
        assertThat(most).isPositive(); // It has been answered, and is read no further.
      }
      ByteBuffer answer = ByteBuffer.allocate(4096);
      channel.read(answer);
      return new String(answer.array(), 0, answer.position(), StandardCharsets.UTF_8);
    }
  }

  /** The status and the problem. */
  private static String lines(String answer) {
    return answer.lines().findFirst().orElseThrow()
        + "\n"
        + answer.substring(answer.indexOf("\r\n\r\n") + 4);
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
  @Fault(area = Area.API, value = "a client that disconnects mid-stream")
  void aClientThatDisconnectsMidStreamIsForgotten(Seen seen) throws IOException {
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket.path()))) {
      channel.write(
          ByteBuffer.wrap(
              "GET /v1/watch HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
      ByteBuffer answer = ByteBuffer.allocate(64);
      channel.read(answer);
      assertThat(streams.watchers().size()).isEqualTo(1);
    }
    Awaitility.await().until(() -> streams.watchers().size() == 0);
    seen.says("nothing: it is forgotten");
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
