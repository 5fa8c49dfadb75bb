package dev.vmctl.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.vmctl.api.ApplyRequest;
import dev.vmctl.api.SampleViews;
import dev.vmctl.json.Json;
import dev.vmctl.model.SourceId;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What the daemon answers is what its document says. */
@QuarkusTest
@QuarkusTestResource(TestDirectory.class)
class ApiDocumentIT {
  private static final ObjectMapper JSON = Json.mapper();

  /** What is sent to those that want something. */
  private static final Map<String, String> BODIES =
      Map.ofEntries(
          Map.entry("/v1/import", "{\"file\":\"/a\"}"),
          Map.entry("/v1/adopt", "{\"names\":[\"web\"],\"qmp\":\"/q\"}"),
          Map.entry("/v1/sources", "{\"name\":\"more\",\"directory\":\"/vms\"}"),
          Map.entry("/v1/images/pull", "{\"source\":\"https://e.org/a\"}"),
          Map.entry("/v1/images/verify", "{\"image\":\"a\"}"),
          Map.entry("/v1/images/push", "{\"image\":\"a\",\"target\":\"oci://e.org/a:1\"}"),
          Map.entry("/v1/images/remove", "{\"images\":[\"a\"]}"),
          Map.entry("/v1/trash/empty", "{\"ids\":[]}"),
          Map.entry("/v1/vms/{name}/snapshots", "{\"name\":\"a\"}"),
          Map.entry("/v1/vms/{name}/snapshots/restore", "{\"name\":\"a\"}"),
          Map.entry("/v1/vms/{name}/clone", "{\"to\":\"copy\"}"),
          Map.entry("/v1/vms/{name}/export", "{\"file\":\"/a\"}"),
          Map.entry("/v1/vms/{name}/programs", "{\"command\":[\"id\"],\"input\":\"\"}"),
          Map.entry("/v1/vms/{name}/labels", "{\"set\":{\"a\":\"b\"},\"remove\":[]}"));

  private static final Map<String, String> QUERIES =
      Map.of(
          "/v1/vms/{name}/stop", "?graceSeconds=30",
          "/v1/vms/{name}/drain", "?graceSeconds=30",
          "/v1/vms/{name}/rename", "?to=other");

  @Inject ApiSocket socket;
  @Inject FakeEngine engine;

  private record Answer(int status, JsonNode body) {}

  @Test
  void everyRouteAnswersAsTheDocumentThatIsServedSays() throws IOException {
    engine.vmctl.failure = null;
    JsonNode document = ask("GET", "/v1/openapi.json", "").body();
    for (Map.Entry<String, JsonNode> path : document.path("paths").properties()) {
      for (Map.Entry<String, JsonNode> verb : path.getValue().properties()) {
        JsonNode content = verb.getValue().path("responses").path("200").path("content");
        boolean isJson = content.isMissingNode() || content.has("application/json");
        if (isJson && !path.getKey().endsWith("/ws")) {
          check(document, verb.getKey(), path.getKey());
        }
      }
    }
  }

  private void check(JsonNode document, String verb, String path) throws IOException {
    String asked =
        path.replace("{name}", "web")
            .replace("{kind}", "console")
            .replace("{id}", "7")
            .replace("{snapshot}", "a");
    String query = QUERIES.getOrDefault(path, "");
    Answer answer = ask(verb.toUpperCase(Locale.ROOT), asked + query, body(path));
    assertThat(answer.status()).as("%s %s: %s", verb, path, answer.body()).isBetween(200, 299);
    assertThat(ApiDocument.problems(document, verb, path, answer.status(), answer.body()))
        .as("%s %s", verb, path)
        .isEmpty();
  }

  @Test
  void whatIsWrongIsSaidAsTheDocumentSays() throws IOException {
    JsonNode document = ask("GET", "/v1/openapi.json", "").body();
    for (String path : List.of("/v1/vms/UPPER", "/v1/vms/other", "/v1/nothing")) {
      Answer answer = ask("GET", path, "");
      assertThat(ApiDocument.problems(document, "get", path, answer.status(), answer.body()))
          .isEmpty();
    }
  }

  private static String body(String path) throws IOException {
    if (path.equals("/v1/apply") || path.equals("/v1/plan")) {
      return JSON.writeValueAsString(
          new ApplyRequest(
              SourceId.file(Path.of("/srv/VMFile.kdl")),
              List.of(),
              Set.of(SampleViews.WEB),
              false,
              false,
              ApplyRequest.Provisioning.AS_NEEDED));
    }
    return BODIES.getOrDefault(path, "");
  }

  private Answer ask(String method, String path, String body) throws IOException {
    String answer = new UnixCurl(socket.path()).send(method, path, "application/json", body);
    int end = answer.indexOf("\r\n\r\n");
    boolean chunked = answer.substring(0, end).toLowerCase(Locale.ROOT).contains("chunked");
    String text = chunked ? joined(answer, end + 4) : answer.substring(end + 4);
    JsonNode said = text.isEmpty() ? MissingNode.getInstance() : JSON.readTree(text);
    return new Answer(Integer.parseInt(answer.substring(9, 12)), said);
  }

  /** Of chunks, which have nothing but ASCII here. */
  private static String joined(String answer, int start) {
    StringBuilder whole = new StringBuilder();
    int next = start;
    while (true) {
      int head = answer.indexOf("\r\n", next);
      int length = Integer.parseInt(answer.substring(next, head), 16);
      if (length == 0) {
        return whole.toString();
      }
      whole.append(answer, head + 2, head + 2 + length);
      next = head + 2 + length + 2;
    }
  }
}
