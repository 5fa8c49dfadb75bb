package dev.vmctl.api.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import dev.vmctl.json.Json;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Questions and commands as HTTP requests, answers and problems as our values. */
final class DaemonCalls {
  /** How long the daemon may take beyond what it was asked to wait. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** Disks are copied meanwhile. The daemon keeps a silent connection no longer. */
  private static final Duration LONGEST_TRANSFER = Duration.ofHours(4);

  private final DaemonHttp http;
  private volatile @Nullable String serverVersion;

  DaemonCalls(DaemonHttp http) {
    this.http = http;
  }

  boolean isAnswered() {
    return http.isAnswered();
  }

  /** The daemon's version, as its latest answer had it; empty before the first. */
  Optional<String> serverVersion() {
    return Optional.ofNullable(serverVersion);
  }

  EventStream watch(String path) {
    return new EventStream(since -> stream(path, since), http::unreachable);
  }

  private DaemonHttp.Opened stream(String path, @Nullable Long since) {
    Map<String, String> headers =
        since == null ? Map.of() : Map.of("Last-Event-ID", since.toString());
    DaemonHttp.Opened opened = http.open(path, headers, PATIENCE);
    serverVersion = opened.version();
    if (opened.status() == 200) {
      return opened;
    }
    try (Closeable connection = opened.connection()) {
      byte[] body = opened.body().readAllBytes();
      throw problem(new DaemonHttp.Answer(opened.status(), body, opened.version(), null));
    } catch (IOException broken) {
      throw http.unreachable(broken);
    }
  }

  <T> T transfer(String path, Object body, TypeReference<T> type) {
    return decode(call("POST", path, encoded(body), LONGEST_TRANSFER), type);
  }

  <T> T get(String path, TypeReference<T> type) {
    return decode(call("GET", path, null, Duration.ZERO), type);
  }

  /**
   * @param asked how long the daemon is to wait for something
   */
  <T> T get(String path, Duration asked, TypeReference<T> type) {
    return decode(call("GET", path, null, asked), type);
  }

  <T> T delete(String path, TypeReference<T> type) {
    return decode(call("DELETE", path, null, Duration.ZERO), type);
  }

  <T> T post(String path, @Nullable Object body, TypeReference<T> type) {
    byte[] sent = body == null ? null : encoded(body);
    return decode(call("POST", path, sent, Duration.ZERO), type);
  }

  private byte[] encoded(Object body) {
    try {
      return Json.mapper().writeValueAsBytes(body);
    } catch (JsonProcessingException unwritable) {
      throw new VmException(
          ErrorCode.INTERNAL, "a request cannot be written: " + unwritable.getMessage(), "");
    }
  }

  /** A command with a body. */
  void send(String path, Object body) {
    call("POST", path, encoded(body), Duration.ZERO);
  }

  void command(String method, String path) {
    call(method, path, null, Duration.ZERO);
  }

  DaemonHttp.Answer call(String method, String path, byte @Nullable [] body, Duration asked) {
    DaemonHttp.Answer answer = http.exchange(method, path, body, asked.plus(PATIENCE));
    serverVersion = answer.version();
    if (answer.status() >= 400) {
      throw problem(answer);
    }
    return answer;
  }

  private VmException problem(DaemonHttp.Answer answer) {
    try {
      return Json.mapper().readValue(answer.body(), Problem.class).toException();
    } catch (IOException notOurs) {
      String text = new String(answer.body(), StandardCharsets.UTF_8).strip();
      return new VmException(
          ErrorCode.INTERNAL,
          "the daemon answered "
              + answer.status()
              + (text.isEmpty() ? "" : ": " + text.lines().findFirst().orElse("")),
          "read the daemon's log");
    }
  }

  <T> T decode(DaemonHttp.Answer answer, TypeReference<T> type) {
    try {
      return Json.mapper().readValue(answer.body(), type);
    } catch (IOException unreadable) {
      throw garbled(unreadable.getMessage(), unreadable);
    }
  }

  static VmException garbled(@Nullable String what, @Nullable Throwable cause) {
    return new VmException(
        ErrorCode.INTERNAL,
        "the daemon's answer cannot be understood: " + what,
        "compare the versions shown by 'vmctl version'; restart the daemon after an upgrade",
        cause);
  }
}
