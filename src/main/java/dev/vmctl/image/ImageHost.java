package dev.vmctl.image;

import dev.vmctl.host.HostLocks;
import dev.vmctl.host.HostProcesses;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.function.LongConsumer;

/**
 * What the cache needs of the host.
 *
 * @param processes runs {@code qemu-img}, programs that build images, and credential helpers
 * @param bootId changes with every boot
 * @param home of the user whose registry credentials count
 * @param environment of this process, for {@code DOCKER_CONFIG} and {@code GITHUB_TOKEN}
 * @param received told how many bytes have just come over the network; must be quick
 */
public record ImageHost(
    HostLocks locks,
    HostProcesses processes,
    String bootId,
    Path home,
    Map<String, String> environment,
    LongConsumer received) {
  public ImageHost {
    Objects.requireNonNull(locks);
    Objects.requireNonNull(processes);
    Objects.requireNonNull(bootId);
    Objects.requireNonNull(home);
    Objects.requireNonNull(received);
    environment = Map.copyOf(environment);
  }
}
