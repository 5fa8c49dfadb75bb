package dev.vmctl.image;

import dev.vmctl.host.HostLocks;
import dev.vmctl.host.LinuxHostLocks;
import dev.vmctl.host.LinuxHostProcesses;
import java.nio.file.Path;
import java.util.Map;

/** This host, without the credentials of whoever runs the tests. */
final class TestHost {
  private TestHost() {}

  static ImageHost here() {
    return with(new LinuxHostLocks(new LinuxHostProcesses()));
  }

  static ImageHost with(HostLocks locks) {
    return with(locks, Path.of("/nonexistent"), Map.of());
  }

  static ImageHost with(HostLocks locks, Path home, Map<String, String> environment) {
    return new ImageHost(
        locks, new LinuxHostProcesses(), "this-boot", home, environment, bytes -> {});
  }
}
