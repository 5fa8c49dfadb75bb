package dev.vmctl.network;

import dev.vmctl.model.MacAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Whom this host has met: the kernel's neighbour table of IPv4. By MAC address only: another
 * guest's address is never an answer.
 */
interface Neighbours {
  /**
   * The address that was last seen with this MAC address.
   *
   * @param link where it was met, such as a bridge; null for anywhere
   * @throws IOException when the table cannot be read
   */
  Optional<InetAddress> find(MacAddress card, @Nullable String link) throws IOException;
}
