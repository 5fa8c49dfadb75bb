package dev.vmctl.image;

import dev.vmctl.host.HostLocks;
import dev.vmctl.host.HostProcesses;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;

/**
 * What the cache needs of the host.
 *
 * @param processes runs {@code qemu-img}, programs that build images, and credential helpers
 * @param bootId changes with every boot
 * @param home of the user whose registry credentials count
 * @param environment of this process, for {@code DOCKER_CONFIG} and {@code GITHUB_TOKEN}
 */
public record ImageHost(
    HostLocks locks,
    HostProcesses processes,
    String bootId,
    Path home,
    Map<String, String> environment) {
  public ImageHost {
    Objects.requireNonNull(locks);
    Objects.requireNonNull(processes);
    Objects.requireNonNull(bootId);
    Objects.requireNonNull(home);
    environment = Map.copyOf(environment);
  }
}
