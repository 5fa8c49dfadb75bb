package dev.vmctl.image;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** What a server answered to one request. Closing it closes the connection. */
final class HttpAnswer implements AutoCloseable {
  private final HttpURLConnection connection;
  private final int status;

  HttpAnswer(HttpURLConnection connection) throws IOException {
    this.connection = connection;
    this.status = connection.getResponseCode();
  }

  int status() {
    return status;
  }

  Optional<String> header(String name) {
    return Optional.ofNullable(connection.getHeaderField(name));
  }

  /** Length of the body in bytes; -1 when the server does not say. */
  long length() {
    return connection.getContentLengthLong();
  }

  /** The body; that of an error as well. */
  InputStream body() throws IOException {
    InputStream body = status < 400 ? connection.getInputStream() : connection.getErrorStream();
    return body == null ? InputStream.nullInputStream() : body;
  }

  /** The body, up to a limit. */
  byte[] bytes(int limit) throws IOException {
    try (InputStream body = body()) {
      return body.readNBytes(limit);
    }
  }

  /** The body as text, up to a limit. */
  String text(int limit) throws IOException {
    return new String(bytes(limit), StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    connection.disconnect();
  }
}
