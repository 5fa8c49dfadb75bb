package dev.vmctl.daemon;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.vmctl.Version;
import dev.vmctl.api.http.HttpApi;
import dev.vmctl.api.http.Problem;
import dev.vmctl.json.Json;
import dev.vmctl.model.VmException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;

/** Says what went wrong where no JAX-RS resource is asked. */
final class Problems {
  private static final ObjectMapper JSON = Json.mapper();

  private Problems() {}

  static void send(HttpServerResponse response, VmException failure) {
    send(response, Problem.of(failure));
  }

  static void send(HttpServerResponse response, Problem problem) {
    if (response.ended() || response.closed()) {
      return;
    }
    response
        .setStatusCode(problem.status())
        .putHeader("Content-Type", HttpApi.PROBLEM_TYPE)
        .putHeader(HttpApi.VERSION_HEADER, Version.CURRENT)
        .end(body(problem));
  }

  /** And lets the connection go: what may still come of a body is not waited for. */
  static void sendLast(HttpServerRequest request, Problem problem) {
    HttpConnection connection = request.connection();
    request.response().putHeader("Connection", "close");
    request.response().endHandler(sent -> connection.close());
    send(request.response(), problem);
  }

  private static Buffer body(Problem problem) {
    try {
      return Buffer.buffer(JSON.writeValueAsBytes(problem));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("our own records can be written", e);
    }
  }
}
