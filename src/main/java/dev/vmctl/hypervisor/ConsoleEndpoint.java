package dev.vmctl.hypervisor;

import java.net.URI;
import java.nio.file.Path;
import java.util.Map;

/** Where a VM's serial console can be had. */
public sealed interface ConsoleEndpoint {
  /** A socket that carries them, for one client at a time. */
  record UnixSocket(Path path) implements ConsoleEndpoint {}

  /** A character device that carries the console's bytes both ways, such as a null-modem's end. */
  record Device(Path path) implements ConsoleEndpoint {}

  /**
   * Binary messages both ways.
   *
   * @param headers that the request has to have
   */
  record WebSocket(URI uri, Map<String, String> headers) implements ConsoleEndpoint {
    public WebSocket {
      headers = Map.copyOf(headers);
    }
  }

  /** It has none that can be opened from here. */
  record None() implements ConsoleEndpoint {}
}
