package dev.vmctl.hypervisor.propolis;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.vmctl.hypervisor.ConsoleEndpoint;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Speaks with one propolis-server. Every call has a deadline, for the whole answer.
 *
 * <p>Besides {@link Refusal} every call throws a VmException: propolis.unreachable when nothing
 * listens, propolis.timeout, propolis.failed when the connection breaks, propolis.unknown_answer
 * when the answer is none that we know.
 */
final class PropolisClient {
  /** More than any answer that is meant for us; in bytes. */
  private static final long LARGEST_ANSWER = 1L << 20;

  private static final int LAST_PAGES = 16 << 10;

  /** Of the console at once, in bytes; in JSON each is a number of up to three digits. */
  private static final int LARGEST_PIECE = 64 << 10;

  private static final Duration SCREEN = Duration.ofSeconds(10);
  private static final String SERIAL = "/instance/serial";
  private static final String VERSION = "api-version";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final HttpClient http;
  private final InetSocketAddress server;
  private final ApiVersion version;

  PropolisClient(HttpClient http, InetSocketAddress server, ApiVersion version) {
    this.http = http;
    this.server = server;
    this.version = version;
  }

  /**
   * A client for any number of servers. Plain HTTP/1.1, as the long poll is a GET with a body; no
   * proxy, as the servers are on this host.
   */
  static HttpClient http(Duration connect) {
    return HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1)
        .followRedirects(HttpClient.Redirect.NEVER)
        .proxy(HttpClient.Builder.NO_PROXY)
        .connectTimeout(connect)
        .build();
  }

  /** The instance there is; empty before the first one. */
  Optional<Instance> instance(Duration deadline) throws InterruptedException {
    try {
      JsonNode instance = call("GET", "/instance", null, deadline).path("instance");
      JsonNode id = instance.path("properties").path("id");
      return Optional.of(new Instance(uuid(id), state(instance.path("state"))));
    } catch (Refusal e) {
      if (e.isNoInstance()) {
        return Optional.empty();
      }
      throw e.failure(version);
    }
  }

  /** Makes the instance; not idempotent. */
  void ensure(JsonNode request, Duration deadline) throws Refusal, InterruptedException {
    call("PUT", "/instance", request, deadline);
  }

  void request(RequestedState state, Duration deadline) throws Refusal, InterruptedException {
    call("PUT", "/instance/state", TextNode.valueOf(state.text()), deadline);
  }

  /**
   * Waits for a change.
   *
   * @param generation the lowest that counts as one; 0 for what is now
   */
  Instance.Change monitor(long generation, Duration deadline) throws Refusal, InterruptedException {
    JsonNode body = JSON.valueToTree(Map.of("gen", generation));
    JsonNode change = call("GET", "/instance/state-monitor", body, deadline);
    JsonNode number = change.path("gen");
    if (!number.canConvertToLong()) {
      throw unknown("a state without a number: " + change, null);
    }
    return new Instance.Change(number.longValue(), state(change.path("state")));
  }

  /** The serial console for a person, with the last page or so of what was written before. */
  ConsoleEndpoint console() {
    return new ConsoleEndpoint.WebSocket(
        address("ws", SERIAL + "?most_recent=" + LAST_PAGES), Map.of(VERSION, version.toString()));
  }

  /**
   * A piece of what the guest wrote to its console.
   *
   * @param end where it ends, in bytes since the instance was made
   */
  record Written(byte[] bytes, long end) {}

  /**
   * What the guest wrote to its console from there on; less where the server does not have it any
   * more, and a piece at a time.
   */
  Written written(long from, Duration deadline) throws Refusal, InterruptedException {
    String query = "?from_start=" + from + "&max_bytes=" + LARGEST_PIECE;
    JsonNode answer = call("GET", SERIAL + "/history" + query, null, deadline);
    JsonNode data = answer.path("data");
    JsonNode end = answer.path("last_byte_offset");
    if (!data.isArray() || !end.canConvertToLong() || end.longValue() < data.size()) {
      throw unknown("a console without its place: " + end, null);
    }
    byte[] bytes = new byte[data.size()];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) data.get(i).intValue();
    }
    return new Written(bytes, end.longValue());
  }

  /** Connects to the screen. */
  WebSocket screen(WebSocket.Listener listener) throws InterruptedException, ExecutionException {
    return http.newWebSocketBuilder()
        .connectTimeout(SCREEN)
        .header(VERSION, version.toString())
        .buildAsync(screenAddress(), listener)
        .get();
  }

  /** Where the screen is: the RFB protocol in a WebSocket. Not in the document. */
  URI screenAddress() {
    return address("ws", "/instance/vnc");
  }

  private URI address(String scheme, String path) {
    return URI.create(scheme + "://" + place() + path);
  }

  private String place() {
    return server.getAddress().getHostAddress() + ":" + server.getPort();
  }

  /** The error a refusal is to the user. */
  VmException failure(Refusal refusal) {
    return refusal.failure(version);
  }

  private JsonNode call(String method, String path, @Nullable JsonNode body, Duration deadline)
      throws Refusal, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(address("http", path))
            .header(VERSION, version.toString())
            .header("accept", "application/json")
            .method(
                method,
                body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body.toString()));
    if (body != null) {
      request.header("content-type", "application/json");
    }
    String what = method + " " + path.replaceFirst("\\?.*", "");
    HttpResponse<byte[]> response = answer(request.build(), what, deadline);
    if (response.statusCode() / 100 == 2) {
      return response.body().length == 0 ? TextNode.valueOf("") : json(response.body());
    }
    throw refusal(what, response);
  }

  private HttpResponse<byte[]> answer(HttpRequest request, String what, Duration deadline)
      throws InterruptedException {
    // The client's own time limit ends with the headers; a body may still take for ever.
    CompletableFuture<HttpResponse<byte[]>> answer =
        http.sendAsync(request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), LARGEST_ANSWER));
    try {
      return answer.get(deadline.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new VmException(
          ErrorCode.PROPOLIS_TIMEOUT,
          "propolis-server at " + place() + " did not answer " + what + " within " + deadline,
          "it is asked again; 'zlogin' into the VM's zone shows whether it is alive",
          e);
    } catch (ExecutionException e) {
      throw broken(what, e.getCause());
    } finally {
      answer.cancel(true);
    }
  }

  private VmException broken(String what, @Nullable Throwable cause) {
    if (cause instanceof ConnectException) {
      return new VmException(
          ErrorCode.PROPOLIS_UNREACHABLE,
          "nothing listens at " + place() + ", where the VM's propolis-server should",
          "it may still be starting; else its log in the VM's zone says why it ended",
          cause);
    }
    if (cause instanceof IOException) {
      return new VmException(
          ErrorCode.PROPOLIS_FAILED,
          "the connection to propolis-server broke at " + what + ": " + cause.getMessage(),
          "it is tried again by itself",
          cause);
    }
    throw new IllegalStateException("cannot ask " + what, cause);
  }

  private Refusal refusal(String what, HttpResponse<byte[]> response) {
    String id = response.headers().firstValue("x-request-id").orElse("");
    JsonNode error;
    try {
      error = JSON.readTree(response.body());
    } catch (IOException e) {
      // Not the server itself, but something that stands in its place: its status is all we know.
      error = TextNode.valueOf("");
    }
    return new Refusal(
        what,
        response.statusCode(),
        error.path("error_code").asText(""),
        error.path("message").asText("no message"),
        error.path("request_id").asText(id));
  }

  private JsonNode json(byte[] body) {
    try {
      return JSON.readTree(body);
    } catch (IOException e) {
      throw unknown("no JSON: " + e.getMessage(), e);
    }
  }

  private InstanceState state(JsonNode text) {
    try {
      return JSON.treeToValue(text, InstanceState.class);
    } catch (JsonProcessingException e) {
      throw unknown("a state that is not known: " + text, e);
    }
  }

  private UUID uuid(JsonNode text) {
    try {
      return UUID.fromString(text.asText());
    } catch (IllegalArgumentException e) {
      throw unknown("an instance without an id: " + text, e);
    }
  }

  private VmException unknown(String what, @Nullable Throwable cause) {
    return new VmException(
        ErrorCode.PROPOLIS_UNKNOWN_ANSWER,
        "what answers at " + place() + " is no propolis-server that we know: " + what,
        "a newer propolis-server may need a newer vmctl; versions 1.0.0 to "
            + ApiVersion.KNOWN
            + " are known",
        cause);
  }
}
