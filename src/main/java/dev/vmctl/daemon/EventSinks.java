package dev.vmctl.daemon;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.vmctl.json.Json;
import dev.vmctl.model.VmEvent;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/** Takes events to a webhook and to a program, where the settings name them. */
@Singleton
class EventSinks {
  static final String SIGNATURE = "X-Vmctl-Signature-256";
  static final String DELIVERY = "X-Vmctl-Delivery";
  private static final Duration DEADLINE = Duration.ofSeconds(10);
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
  private static final int BEFORE_THE_ENGINE = 1;

  private final EventSettings settings;
  private final EngineMetrics metrics;
  private final HttpClient http = HttpClient.newBuilder().connectTimeout(DEADLINE).build();
  private final List<EventSink> sinks = new ArrayList<>();

  EventSinks(DaemonSettings settings, EngineMetrics metrics) {
    this.settings = settings.events();
    this.metrics = metrics;
  }

  void open(@Observes @Priority(BEFORE_THE_ENGINE) StartupEvent event) {
    URI webhook = settings.webhook();
    if (webhook != null) {
      add("webhook", told -> post(webhook, settings.webhookSecret(), told));
    }
    Path exec = settings.exec();
    if (exec != null) {
      add("exec", told -> run(exec, told));
    }
    metrics.passEventsOn(this::offer);
  }

  void close(@Observes ShutdownEvent event) {
    sinks.forEach(EventSink::close);
    http.shutdownNow();
  }

  private void add(String name, EventSink.Delivery delivery) {
    sinks.add(new EventSink(name, delivery, FIRST_PAUSE, metrics.losing(name)));
  }

  private void offer(VmEvent event) {
    if (settings.wants(event)) {
      sinks.forEach(sink -> sink.offer(event));
    }
  }

  private byte[] body(VmEvent event) throws JsonProcessingException {
    return Json.mapper().writeValueAsBytes(event);
  }

  private void post(URI url, @Nullable Path secret, VmEvent event)
      throws IOException, InterruptedException {
    byte[] body = body(event);
    HttpRequest.Builder request =
        HttpRequest.newBuilder(url)
            .timeout(DEADLINE)
            .header("Content-Type", "application/json")
            .header(DELIVERY, UUID.randomUUID().toString())
            .POST(HttpRequest.BodyPublishers.ofByteArray(body));
    if (secret != null) {
      request.header(SIGNATURE, signature(secret, body));
    }
    int status = http.send(request.build(), HttpResponse.BodyHandlers.discarding()).statusCode();
    if (status / 100 == 2) {
      return;
    }
    String answered = url.getHost() + " answered " + status;
    if (status / 100 == 4 && status != 408 && status != 429) {
      throw new EventSink.Refused(answered);
    }
    throw new IOException(answered);
  }

  /** Read each time: a new secret needs no restart. */
  private static String signature(Path secret, byte[] body) throws IOException {
    byte[] key = Files.readString(secret).strip().getBytes(StandardCharsets.UTF_8);
    if (key.length == 0) {
      throw new IOException("the secret is empty: " + secret);
    }
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return "sha256=" + HexFormat.of().formatHex(mac.doFinal(body));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has HmacSHA256", e);
    }
  }

  private void run(Path program, VmEvent event) throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(program.toString())
            .directory(Path.of("/").toFile())
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD);
    builder.environment().put("VMCTL_EVENT_TYPE", event.type().text());
    builder.environment().put("VMCTL_EVENT_REASON", event.reason());
    builder.environment().put("VMCTL_EVENT_VM", event.vm() == null ? "" : event.vm().value());
    Process process = builder.start();
    try {
      try (OutputStream stdin = process.getOutputStream()) {
        stdin.write(body(event));
      } catch (IOException notRead) {
        // Its right: what it needs may be in its environment. How it ends decides.
      }
      if (!process.waitFor(DEADLINE.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new EventSink.Refused(program + " took longer than " + DEADLINE.toSeconds() + " s");
      }
      if (process.exitValue() != 0) {
        throw new EventSink.Refused(program + " ended with " + process.exitValue());
      }
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }
}
