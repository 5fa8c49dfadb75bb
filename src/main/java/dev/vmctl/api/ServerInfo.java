package dev.vmctl.api;

import java.nio.file.Path;
import java.util.List;

/**
 * Who answers.
 *
 * @param daemon whether it is a daemon (it heals) or an engine inside a command (it does not)
 * @param sources what it watches
 */
public record ServerInfo(
    String version,
    long pid,
    boolean daemon,
    boolean ready,
    Path dataDirectory,
    List<String> sources) {
  public ServerInfo {
    sources = List.copyOf(sources);
  }
}
