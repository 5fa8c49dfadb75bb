package dev.vmctl.guest;

import dev.vmctl.model.VmName;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How one guest is reached.
 *
 * @param directory the VM's directory, with the log of its serial console
 * @param ssh the way to its SSH server; null when it has none, or no network that leads to it
 * @param address its own address; null when it has none that this host reaches, as behind QEMU's
 *     user network
 * @param forwards where ports of this host lead into the guest, by TCP port of the guest
 * @param agent the socket on which its QEMU guest agent is asked; null when it has no such channel
 */
public record GuestAccess(
    VmName name,
    Path directory,
    @Nullable SshTarget ssh,
    @Nullable InetAddress address,
    Map<Integer, InetSocketAddress> forwards,
    @Nullable Path agent) {
  public GuestAccess {
    Objects.requireNonNull(name);
    Objects.requireNonNull(directory);
    forwards = Map.copyOf(forwards);
  }
}
