package dev.vmctl.network;

import dev.vmctl.host.HostCommands;
import dev.vmctl.host.HostProcesses;
import dev.vmctl.host.Log;
import dev.vmctl.host.OperatingSystem;
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
import org.jspecify.annotations.Nullable;

/**
 * Where a guest on a link of this host is, as far as the host knows without asking it: what DHCP
 * servers here have leased to its card, then whom the kernel has met. By the card's MAC address
 * only.
 */
public final class GuestAddresses {
  private static final System.Logger log = Log.of(GuestAddresses.class);

  /** Further files of leases, with colons between them; looked into first. */
  public static final String VARIABLE = "VMCTL_DHCP_LEASES";

  private static final List<String> FILES =
      List.of(
          "/var/lib/misc/dnsmasq.leases",
          "/var/lib/dnsmasq/dnsmasq.leases",
          "/var/lib/NetworkManager/dnsmasq-%s.leases",
          "/var/lib/dhcp/dhcpd.leases",
          "/var/lib/dhcpd/dhcpd.leases",
          "/var/db/dnsmasq.leases",
          "/var/db/dhcpd/dhcpd.leases",
          "/var/cache/dnsmasq.leases");

  private final List<String> files;
  private final Neighbours neighbours;
  private final InstantSource clock;

  /**
   * @param files of leases; {@code %s} stands for the bridge
   */
  GuestAddresses(List<String> files, Neighbours neighbours, InstantSource clock) {
    this.files = List.copyOf(files);
    this.neighbours = neighbours;
    this.clock = clock;
  }

  /** What this host knows. */
  public static GuestAddresses ofThisHost(
      HostProcesses processes, Map<String, String> environment, InstantSource clock) {
    Neighbours neighbours =
        OperatingSystem.current() == OperatingSystem.LINUX
            ? new ProcNeighbours(Path.of("/proc/net/arp"))
            : new ArpNeighbours(new HostCommands(processes));
    List<String> declared = List.of(environment.getOrDefault(VARIABLE, "").split(":", -1));
    return new GuestAddresses(
        Stream.concat(declared.stream().filter(file -> file.startsWith("/")), FILES.stream())
            .toList(),
        neighbours,
        clock);
  }

  /** As {@code arp -an} tells, and nothing of leases: for tests of other rooms. */
  public static GuestAddresses ofArp(HostProcesses processes, InstantSource clock) {
    return new GuestAddresses(List.of(), new ArpNeighbours(new HostCommands(processes)), clock);
  }

  /**
   * The address of the guest's card with this MAC address; empty if unknown.
   *
   * @param link what it is on, such as a bridge; null for whatever link of this host
   */
  public Optional<InetAddress> find(MacAddress card, @Nullable String link) {
    return files.stream()
        .map(file -> Path.of(file.replace("%s", link == null ? "none" : link)))
        .flatMap(file -> lease(file, card).stream())
        .findFirst()
        .or(() -> neighbour(card, link));
  }

  private Optional<InetAddress> lease(Path file, MacAddress card) {
    try {
      return Files.isReadable(file) ? Leases.find(file, card, clock.instant()) : Optional.empty();
    } catch (IOException e) {
      log.log(System.Logger.Level.DEBUG, "cannot read the leases in " + file, e);
      return Optional.empty();
    }
  }

  private Optional<InetAddress> neighbour(MacAddress card, @Nullable String link) {
    try {
      return neighbours.find(card, link);
    } catch (IOException e) {
      log.log(System.Logger.Level.DEBUG, "cannot read the neighbour table", e);
      return Optional.empty();
    }
  }
}
