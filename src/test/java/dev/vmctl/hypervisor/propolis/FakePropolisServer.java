package dev.vmctl.hypervisor.propolis;

import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.wireMockConfig;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.client.WireMock;
import com.github.tomakehurst.wiremock.extension.ResponseDefinitionTransformerV2;
import com.github.tomakehurst.wiremock.http.Fault;
import com.github.tomakehurst.wiremock.http.Request;
import com.github.tomakehurst.wiremock.http.ResponseDefinition;
import com.github.tomakehurst.wiremock.stubbing.ServeEvent;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import org.jspecify.annotations.Nullable;

/** {@link FakePropolis} behind real HTTP; everything said is held against the document. */
final class FakePropolisServer implements AutoCloseable {
  private static final PropolisDocument DOCUMENT = PropolisDocument.best();
  private static final int LARGEST_BODY = 1 << 20;

  final FakePropolis inside = new FakePropolis();

  /** What does not fit the document. Must stay empty. */
  final List<String> violations = Collections.synchronizedList(new ArrayList<>());

  /** Whether nothing that is asked is answered by the server itself. */
  volatile boolean overloaded;

  /** Newest version of the API that it speaks. */
  volatile ApiVersion latest = ApiVersion.KNOWN;

  /** What happens to the next request of a method and path, once each. */
  private final Map<String, ConcurrentLinkedDeque<Mishap>> mishaps = new ConcurrentHashMap<>();

  private final WireMockServer server;

  /** Something that goes wrong with one request. */
  sealed interface Mishap {
    /** Answered with this, and nothing done. */
    record Status(int status) implements Mishap {}

    /** The connection is reset. */
    record Reset() implements Mishap {}

    /** It is done, but the connection is reset before the answer. */
    record LostAnswer() implements Mishap {}

    /** It is done, but the answer is late. */
    record Late(Duration by) implements Mishap {}

    /** Answered with this text and 200. */
    record Nonsense(String text) implements Mishap {}
  }

  FakePropolisServer(String address, int port) {
    server =
        new WireMockServer(
            wireMockConfig()
                .bindAddress(address)
                .port(port)
                .containerThreads(30)
                .disableRequestJournal()
                .jettyStopTimeout(100L)
                .extensions(new Answering()));
    server.start();
    server.stubFor(any(anyUrl()).willReturn(WireMock.aResponse().withTransformers("propolis")));
  }

  /** On a port of its own. */
  FakePropolisServer() {
    this("127.0.0.1", 0);
  }

  InetSocketAddress address() {
    return new InetSocketAddress("127.0.0.1", server.port());
  }

  /** What becomes of the next request of this kind, such as {@code PUT /instance}. */
  void next(String request, Mishap mishap) {
    mishaps.computeIfAbsent(request, key -> new ConcurrentLinkedDeque<>()).add(mishap);
  }

  @Override
  public void close() {
    if (server.isRunning()) {
      inside.letGo();
      server.stop();
    }
  }

  private final class Answering implements ResponseDefinitionTransformerV2 {
    @Override
    public String getName() {
      return "propolis";
    }

    @Override
    public boolean applyGlobally() {
      return false;
    }

    @Override
    public ResponseDefinition transform(ServeEvent event) {
      Request request = event.getRequest();
      String method = request.getMethod().value();
      String path = URI.create(request.getUrl()).getPath();
      ResponseDefinition answer = answer(request, method, path);
      // A process that ends takes its connections with it.
      return inside.isGone()
          ? WireMock.aResponse().withFault(Fault.CONNECTION_RESET_BY_PEER).build()
          : answer;
    }

    private ResponseDefinition answer(Request request, String method, String path) {
      Mishap mishap = overloaded ? new Mishap.Status(503) : mishap(method + " " + path);
      return switch (mishap) {
        case null -> respond(request, method, path).build();
        case Mishap.Status(int status) ->
            json(FakePropolis.error(status, null, "Internal Server Error")).build();
        case Mishap.Reset() ->
            WireMock.aResponse().withFault(Fault.CONNECTION_RESET_BY_PEER).build();
        case Mishap.LostAnswer() -> {
          respond(request, method, path);
          yield WireMock.aResponse().withFault(Fault.CONNECTION_RESET_BY_PEER).build();
        }
        case Mishap.Late(Duration by) ->
            respond(request, method, path).withFixedDelay((int) by.toMillis()).build();
        case Mishap.Nonsense(String text) ->
            WireMock.aResponse().withStatus(200).withBody(text).build();
      };
    }
  }

  private @Nullable Mishap mishap(String request) {
    ConcurrentLinkedDeque<Mishap> waiting = mishaps.get(request);
    return waiting == null ? null : waiting.poll();
  }

  private ResponseDefinitionBuilder respond(Request request, String method, String path) {
    String version = request.getHeader("api-version");
    if (version == null) {
      return json(FakePropolis.error(400, null, "missing expected header \"api-version\""));
    }
    if (isNewer(ApiVersion.parse(version))) {
      return json(
          FakePropolis.error(400, null, "server does not support this API version: " + version));
    }
    byte[] raw = request.getBody();
    if (raw != null && raw.length > LARGEST_BODY) {
      return json(
          FakePropolis.error(400, null, "request body exceeded maximum size of 1048576 bytes"));
    }
    JsonNode body = body(raw);
    note(method + " " + path, DOCUMENT.request(method, path, body));
    FakePropolis.Answer answer =
        path.equals("/instance/serial/history")
            ? inside.history(number(request, "from_start"), (int) number(request, "max_bytes"))
            : inside.handle(method, path, body);
    note(
        method + " " + path + " → " + answer.status(),
        DOCUMENT.response(method, path, answer.status(), answer.body()));
    return json(answer);
  }

  private static long number(Request request, String parameter) {
    return Long.parseLong(request.queryParameter(parameter).firstValue());
  }

  private boolean isNewer(ApiVersion version) {
    return version.major() > latest.major();
  }

  private @Nullable JsonNode body(byte @Nullable [] raw) {
    if (raw == null || raw.length == 0) {
      return null;
    }
    try {
      return FakePropolis.JSON.readTree(new String(raw, java.nio.charset.StandardCharsets.UTF_8));
    } catch (JsonProcessingException e) {
      violations.add("a body that is no JSON: " + e.getMessage());
      return null;
    }
  }

  private void note(String what, List<String> problems) {
    problems.forEach(problem -> violations.add(what + ": " + problem));
  }

  private static ResponseDefinitionBuilder json(FakePropolis.Answer answer) {
    ResponseDefinitionBuilder response =
        WireMock.aResponse()
            .withStatus(answer.status())
            .withHeader("x-request-id", "7d0f6b7e-1111-4222-8333-444455556666");
    return answer.body() == null
        ? response
        : response
            .withHeader("content-type", "application/json")
            .withBody(answer.body().toString());
  }
}
