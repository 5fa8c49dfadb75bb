package dev.vmctl.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Events of a daemon on their way to a receiver that is down at first, and to a program. */
class DaemonEventsIT {
  private static final String SECRET = "of the hook";

  @TempDir Path directory = Path.of("/nonexistent");

  private record Delivery(byte[] body, String signature) {}

  @Test
  void eventsReachAWebhookThatComesBackAndAProgram() throws Exception {
    Map<String, Delivery> deliveries = new ConcurrentHashMap<>();
    AtomicInteger refused = new AtomicInteger();
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/hook",
        exchange -> {
          byte[] body = exchange.getRequestBody().readAllBytes();
          boolean up = refused.getAndIncrement() > 0;
          if (up) {
            deliveries.put(
                exchange.getRequestHeaders().getFirst(EventSinks.DELIVERY),
                new Delivery(body, exchange.getRequestHeaders().getFirst(EventSinks.SIGNATURE)));
          }
          exchange.sendResponseHeaders(up ? 204 : 503, -1);
          exchange.close();
        });
    server.start();
    Path told = directory.resolve("told");
    Path program =
        Files.writeString(
            directory.resolve("on-event"),
            "#!/bin/sh\n{ echo \"$VMCTL_EVENT_TYPE $VMCTL_EVENT_VM $VMCTL_EVENT_REASON\"; cat; echo; } >> '"
                + told
                + "'\n");
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
    Path vms = Files.createDirectories(directory.resolve("vms"));
    Files.writeString(vms.resolve("a.kdl"), "vm \"web\" { image \"/nonexistent/image.raw\" }\n");
    try (DaemonProcess daemon =
        DaemonProcess.start(
                Map.of("VMCTL_EVENT_TYPE", "warning"),
                directory,
                directory.resolve("data"),
                "--watch",
                vms.toString(),
                "--listen",
                "none",
                "--event-webhook",
                "http://127.0.0.1:" + server.getAddress().getPort() + "/hook",
                "--event-webhook-secret-file",
                Files.writeString(directory.resolve("secret"), SECRET + "\n").toString(),
                "--event-exec",
                program.toString())
            .serving()) {
      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> !deliveries.isEmpty() && Files.exists(told));
      Delivery delivery = deliveries.values().iterator().next();
      JsonNode event = new ObjectMapper().readTree(delivery.body());
      assertThat(event.path("vm").asText()).isEqualTo("web");
      assertThat(event.path("type").asText()).isEqualTo("Warning");
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(SECRET.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
      assertThat(delivery.signature())
          .isEqualTo("sha256=" + HexFormat.of().formatHex(mac.doFinal(delivery.body())));
      Awaitility.await()
          .atMost(Duration.ofSeconds(10))
          .until(() -> Files.readAllLines(told).size() >= 2);
      List<String> lines = Files.readAllLines(told);
      assertThat(lines.get(0)).startsWith("Warning web ");
      assertThat(new ObjectMapper().readTree(lines.get(1)).path("vm").asText()).isEqualTo("web");
      assertThat(daemon.stderr()).doesNotContain(SECRET);
    } finally {
      server.stop(0);
    }
  }
}
