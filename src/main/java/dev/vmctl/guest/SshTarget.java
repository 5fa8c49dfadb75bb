package dev.vmctl.guest;

import dev.vmctl.model.VmName;
import dev.vmctl.model.VmSpec;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Where and how a guest's SSH is reached.
 *
 * @param name the VM's name; its host key is pinned under {@link #hostKeyAlias}, whatever the
 *     address
 * @param vmDirectory the VM's directory: generated key, pinned host key, log
 * @param privateKey the declared private key, tried after the generated one; then the user's own
 * @param trustFirst whether an unknown host key is pinned at first use (raw user-data: we could not
 *     hand one in) instead of refused
 * @param deadline how long to try to connect in all
 */
public record SshTarget(
    VmName name,
    String host,
    int port,
    String user,
    Path vmDirectory,
    @Nullable Path privateKey,
    boolean trustFirst,
    Duration deadline) {
  public SshTarget {
    Objects.requireNonNull(name);
    Objects.requireNonNull(host);
    Objects.requireNonNull(user);
    Objects.requireNonNull(vmDirectory);
    Objects.requireNonNull(deadline);
  }

  /** The way into this VM. */
  public static SshTarget of(
      VmSpec spec, String host, int port, Path vmDirectory, Duration deadline) {
    Path key = spec.ssh() == null ? null : spec.ssh().privateKey();
    boolean rawUserData = spec.cloudInit() != null && spec.cloudInit().userData() != null;
    return new SshTarget(
        spec.name(), host, port, spec.user(), vmDirectory, key, rawUserData, deadline);
  }

  /** The same where an unknown host key is pinned at first use. */
  public SshTarget trusting() {
    return new SshTarget(name, host, port, user, vmDirectory, privateKey, true, deadline);
  }

  /** The same with another time to connect in. */
  SshTarget within(Duration time) {
    return new SshTarget(name, host, port, user, vmDirectory, privateKey, trustFirst, time);
  }

  /** The name under which {@code known_hosts} has the VM's host key. */
  public static String hostKeyAlias(VmName name) {
    return "vmctl-" + name;
  }

  String hostKeyAlias() {
    return hostKeyAlias(name);
  }

  /** Host and port, for messages. */
  String address() {
    return host + ":" + port;
  }
}
