package dev.vmctl.daemon;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.zip.GZIPInputStream;

/** Takes spans as a collector of OpenTelemetry does, and keeps what was sent. */
final class SpanCollector implements AutoCloseable {
  private final HttpServer server;
  private final Queue<String> received = new ConcurrentLinkedQueue<>();

  private SpanCollector(HttpServer server) {
    this.server = server;
  }

  static SpanCollector start() throws IOException {
    SpanCollector collector =
        new SpanCollector(
            HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0));
    collector.server.createContext(
        "/v1/traces",
        exchange -> {
          try (exchange) {
            boolean packed =
                "gzip".equals(exchange.getRequestHeaders().getFirst("Content-Encoding"));
            byte[] sent =
                packed
                    ? new GZIPInputStream(exchange.getRequestBody()).readAllBytes()
                    : exchange.getRequestBody().readAllBytes();
            collector.received.add(new String(sent, StandardCharsets.ISO_8859_1));
            exchange.sendResponseHeaders(200, -1);
          }
        });
    collector.server.start();
    return collector;
  }

  URI url() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  /** The bytes of the messages; names and values stand there as they are. */
  String received() {
    return String.join("", received);
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
