package dev.vmctl.hypervisor;

import java.net.URI;
import java.nio.file.Path;
import java.util.Map;

/** Where a VM's serial console can be had. */
public sealed interface ConsoleEndpoint {
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

  record None() implements ConsoleEndpoint {}
}
