package dev.vmctl.api;

import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a serial console is reached: by the one or the other.
 *
 * @param socket unix socket, or terminal device, that carries the serial console's bytes both ways
 * @param log file with what the guest wrote so far
 * @param webSocket WebSocket that carries them in binary messages
 */
public record ConsoleAccess(@Nullable Path socket, Path log, @Nullable WebSocketAccess webSocket) {
  /**
   * @param headers of the request that opens it
   * @param authorities PEM certificates to trust; null for those of the Java runtime
   */
  public record WebSocketAccess(URI uri, Map<String, String> headers, @Nullable Path authorities) {
    public WebSocketAccess {
      headers = Map.copyOf(headers);
    }

    public WebSocketAccess(URI uri, Map<String, String> headers) {
      this(uri, headers, null);
    }
  }

  public ConsoleAccess {
    if ((socket == null) == (webSocket == null)) {
      throw new IllegalArgumentException("a console is reached by one way");
    }
  }

  public ConsoleAccess(Path socket, Path log) {
    this(socket, log, null);
  }
}
