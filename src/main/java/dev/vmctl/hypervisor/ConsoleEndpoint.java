package dev.vmctl.hypervisor;

import java.net.URI;
import java.nio.file.Path;

/** Where a VM's serial console can be had. */
public sealed interface ConsoleEndpoint {
  record UnixSocket(Path path) implements ConsoleEndpoint {}

  /** A character device that carries the console's bytes both ways, such as a null-modem's end. */
  record Device(Path path) implements ConsoleEndpoint {}

  record WebSocket(URI uri) implements ConsoleEndpoint {}

  record None() implements ConsoleEndpoint {}
}
