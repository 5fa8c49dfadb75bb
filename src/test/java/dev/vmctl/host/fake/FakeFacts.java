package dev.vmctl.host.fake;

import dev.vmctl.host.HostFacts;
import java.nio.file.Path;
import java.util.Optional;

/** What is true of the fake host. */
public final class FakeFacts implements HostFacts {
  private int boots = 1;
  private int ports = 5900;

  /** The host boots. */
  public void boot() {
    boots++;
  }

  @Override
  public String hostName() {
    return "node-1";
  }

  @Override
  public String bootId() {
    return "boot-" + boots;
  }

  @Override
  public Optional<Path> findProgram(String name) {
    return Optional.of(Path.of("/usr/sbin").resolve(name));
  }

  @Override
  public int freeTcpPort() {
    return ports++;
  }

  @Override
  public long totalMemoryBytes() {
    return Long.MAX_VALUE;
  }

  @Override
  public long freeMemoryBytes() {
    return Long.MAX_VALUE;
  }

  @Override
  public long freeDiskBytes(Path path) {
    return Long.MAX_VALUE;
  }

  @Override
  public int userId() {
    return 0;
  }

  @Override
  public String userName() {
    return "root";
  }

  @Override
  public Path home() {
    return Path.of("/root");
  }

  @Override
  public Path dataDirectory() {
    return Path.of("/var/db/vmctl");
  }

  @Override
  public Path cacheDirectory() {
    return Path.of("/var/cache/vmctl");
  }

  @Override
  public Path runtimeDirectory() {
    return Path.of("/var/run/vmctl");
  }
}
