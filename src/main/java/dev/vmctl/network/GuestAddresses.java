package dev.vmctl.network;

import dev.vmctl.model.MacAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Where a guest on a bridge is, as far as this host knows without asking it: what DHCP servers here
 * have leased to its card, then whom the kernel has met. By the card's MAC address only.
 */
public final class GuestAddresses {
  private static final System.Logger log = System.getLogger(GuestAddresses.class.getName());

  /** Further files of leases, with colons between them; looked into first. */
  public static final String VARIABLE = "VMCTL_DHCP_LEASES";

  private static final List<String> FILES =
      List.of(
          "/var/lib/misc/dnsmasq.leases",
          "/var/lib/dnsmasq/dnsmasq.leases",
          "/var/lib/NetworkManager/dnsmasq-%s.leases",
          "/var/lib/dhcp/dhcpd.leases",
          "/var/lib/dhcpd/dhcpd.leases");

  private static final Path NEIGHBOURS = Path.of("/proc/net/arp");

  private final List<String> files;
  private final Path neighbours;
  private final InstantSource clock;

  /**
   * @param files of leases; {@code %s} stands for the bridge
   */
  GuestAddresses(List<String> files, Path neighbours, InstantSource clock) {
    this.files = List.copyOf(files);
    this.neighbours = neighbours;
    this.clock = clock;
  }

  /** What this host knows. */
  public static GuestAddresses ofThisHost(Map<String, String> environment, InstantSource clock) {
    List<String> declared = List.of(environment.getOrDefault(VARIABLE, "").split(":", -1));
    return new GuestAddresses(
        Stream.concat(declared.stream().filter(file -> file.startsWith("/")), FILES.stream())
            .toList(),
        NEIGHBOURS,
        clock);
  }

  /** The address of the guest's card with this MAC address on this bridge; empty if unknown. */
  public Optional<InetAddress> find(MacAddress card, String bridge) {
    return files.stream()
        .map(file -> Path.of(file.replace("%s", bridge)))
        .flatMap(file -> lease(file, card).stream())
        .findFirst()
        .or(() -> neighbour(card, bridge));
  }

  private Optional<InetAddress> lease(Path file, MacAddress card) {
    try {
      return Files.isReadable(file) ? Leases.find(file, card, clock.instant()) : Optional.empty();
    } catch (IOException e) {
      log.log(System.Logger.Level.DEBUG, "cannot read the leases in " + file, e);
      return Optional.empty();
    }
  }

  private Optional<InetAddress> neighbour(MacAddress card, String bridge) {
    try {
      return Neighbours.find(neighbours, card, bridge);
    } catch (IOException e) {
      log.log(System.Logger.Level.DEBUG, "cannot read " + neighbours, e);
      return Optional.empty();
    }
  }
}
