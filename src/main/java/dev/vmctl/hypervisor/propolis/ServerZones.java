package dev.vmctl.hypervisor.propolis;

import dev.vmctl.host.AtomicFiles;
import dev.vmctl.host.HostCommands;
import dev.vmctl.host.Vnics;
import dev.vmctl.host.Zone;
import dev.vmctl.host.ZoneDefinition;
import dev.vmctl.host.ZoneState;
import dev.vmctl.host.Zones;
import dev.vmctl.hypervisor.VmHandle;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.MacAddress;
import dev.vmctl.model.VmException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The zones of our servers. Each carries in its configuration whose it is and all that is needed to
 * find its server and to clear everything away: nothing is kept elsewhere.
 */
final class ServerZones {
  /** Attributes; what starts the server in the zone reads the first two. */
  static final String LISTEN = "vmctl-listen";

  static final String BOOT_ROM = "vmctl-bootrom";
  private static final String VNIC = "vmctl-vnic";
  private static final String MAC = "vmctl-mac";

  /** Where a zone sees the directory with its VM's seed. */
  private static final Path SEED_DIRECTORY = Path.of("/vmctl");

  private static final String SEED = "seed.iso";
  private static final List<String> DEVICES = List.of("/dev/vmm/*", "/dev/vmmctl", "/dev/viona");

  private final Zones zones;
  private final Vnics vnics;
  private final PropolisSettings settings;

  /** What was read of zones that run, so that looking again costs one command. */
  private final Map<UUID, ServerZone> known = new ConcurrentHashMap<>();

  /**
   * A zone of ours.
   *
   * @param number kernel's number of a zone that is up: another one after each boot
   * @param server where its server listens; null when its configuration does not say
   */
  record ServerZone(OptionalInt number, ZoneState state, @Nullable InetSocketAddress server) {
    boolean isUp() {
      return state == ZoneState.RUNNING;
    }
  }

  /**
   * What is to be made.
   *
   * @param disk raw device of the root disk
   * @param nic VNIC of the guest, and its address; null for none
   * @param seed to be had as a file; null for none
   */
  record Wanted(VmHandle vm, Path disk, @Nullable Nic nic, @Nullable Path seed) {
    Wanted {
      Objects.requireNonNull(vm);
      Objects.requireNonNull(disk);
    }
  }

  /** A guest's network card. */
  record Nic(String vnic, MacAddress mac) {}

  ServerZones(HostCommands commands, PropolisSettings settings) {
    this.zones = new Zones(commands);
    this.vnics = new Vnics(commands);
    this.settings = settings;
  }

  /** Name of the VNIC that is made for a guest that names none. */
  static String guestVnic(VmHandle vm) {
    return "vmg" + vm.shortId() + "_0";
  }

  private static String controlVnic(VmHandle vm) {
    return "vmc" + vm.shortId() + "_0";
  }

  /** Locally administered, from the VM's identity: the guest's own is drawn from another range. */
  private static MacAddress controlMac(VmHandle vm) {
    long bits = vm.uuid().getMostSignificantBits();
    return new MacAddress(
        "02:08:%02x:%02x:%02x:%02x"
            .formatted(
                bits >>> 56 & 0xff, bits >>> 48 & 0xff, bits >>> 40 & 0xff, bits >>> 32 & 0xff));
  }

  /** The VM's zone; empty when there is none, or one of this name that is not ours. */
  Optional<ServerZone> find(VmHandle vm) {
    Optional<Zone> zone = zones.find(vm.name().value());
    if (zone.isEmpty()) {
      known.remove(vm.uuid());
      return Optional.empty();
    }
    ServerZone before = known.get(vm.uuid());
    if (before != null
        && before.number().isPresent()
        && before.number().equals(zone.get().id())
        && before.state() == zone.get().state()) {
      return Optional.of(before);
    }
    if (!zones.owner(vm.name().value()).equals(Optional.of(vm.uuid()))) {
      return Optional.empty();
    }
    ServerZone found =
        new ServerZone(zone.get().id(), zone.get().state(), server(vm.name().value()).orElse(null));
    known.put(vm.uuid(), found);
    return Optional.of(found);
  }

  /** MAC address of the guest in a zone of ours; empty when it has no network. */
  Optional<MacAddress> guestMac(VmHandle vm) {
    return find(vm).flatMap(zone -> zones.attribute(vm.name().value(), MAC)).map(MacAddress::new);
  }

  /** What the last look found, if it was a zone of ours. */
  Optional<ServerZone> lastSeen(VmHandle vm) {
    return Optional.ofNullable(known.get(vm.uuid()));
  }

  private Optional<InetSocketAddress> server(String zone) {
    return zones.attribute(zone, LISTEN).flatMap(ServerZones::parse);
  }

  private static Optional<InetSocketAddress> parse(String text) {
    int colon = text.lastIndexOf(':');
    try {
      int port = Integer.parseInt(text.substring(colon + 1));
      return Optional.of(
          new InetSocketAddress(InetAddress.getByName(text.substring(0, colon)), port));
    } catch (IllegalArgumentException | IndexOutOfBoundsException | UnknownHostException e) {
      // Somebody has edited it: then we do not know where the server is.
      return Optional.empty();
    }
  }

  /**
   * Makes the zone and boots it.
   *
   * @throws VmException zone.foreign, zone.state, vnic.name_taken, network.failed,
   *     host.command_failed; what was made until then is left for {@link #remove}
   */
  ServerZone make(Wanted wanted) {
    VmHandle vm = wanted.vm();
    String name = vm.name().value();
    configure(wanted);
    if (wanted.seed() != null) {
      shareSeed(vm, wanted.seed());
    }
    vnics.create(controlVnic(vm), settings.controlLink(), controlMac(vm));
    Nic nic = wanted.nic();
    if (nic != null) {
      vnics.create(nic.vnic(), settings.guestLink(), nic.mac());
    }
    zones.boot(name, vm.uuid());
    return find(vm)
        .filter(ServerZone::isUp)
        .orElseThrow(
            () ->
                new VmException(
                    ErrorCode.ZONE_STATE,
                    "the zone " + name + " went down as soon as it was booted",
                    "its log tells why: /var/log/zones/zoneadmd-" + name + ".log, or 'zlogin'"));
  }

  /** One at a time: an address is another's as soon as it stands in its configuration. */
  private synchronized void configure(Wanted wanted) {
    zones.configure(definition(wanted, chooseAddress(wanted.vm())));
  }

  private InetAddress chooseAddress(VmHandle vm) {
    Set<InetAddress> taken = new HashSet<>();
    for (Zone zone : zones.list()) {
      if (zone.brand().equals(settings.brand()) && !zone.name().equals(vm.name().value())) {
        server(zone.name()).map(InetSocketAddress::getAddress).ifPresent(taken::add);
      }
    }
    return settings
        .control()
        .choose(vm.uuid(), taken)
        .orElseThrow(
            () ->
                new VmException(
                    ErrorCode.NETWORK_FAILED,
                    "every address of " + settings.control() + " is taken by another VM's server",
                    "set VMCTL_PROPOLIS_CONTROL_NET to a larger network"));
  }

  private ZoneDefinition definition(Wanted wanted, InetAddress address) {
    VmHandle vm = wanted.vm();
    String text = address.getHostAddress();
    Map<String, String> attributes = new HashMap<>();
    attributes.put(LISTEN, text + ":" + settings.port());
    attributes.put(BOOT_ROM, settings.bootRom().toString());
    List<ZoneDefinition.Link> links = new ArrayList<>();
    links.add(
        new ZoneDefinition.Link(controlVnic(vm), text + "/" + settings.control().prefix(), null));
    Nic nic = wanted.nic();
    if (nic != null) {
      links.add(new ZoneDefinition.Link(nic.vnic(), null, null));
      attributes.put(VNIC, nic.vnic());
      attributes.put(MAC, nic.mac().value());
    }
    List<String> devices = new ArrayList<>(DEVICES);
    devices.add(wanted.disk().toString());
    List<ZoneDefinition.SharedDirectory> directories = new ArrayList<>();
    directories.add(new ZoneDefinition.SharedDirectory(settings.home(), settings.home(), true));
    if (wanted.seed() != null) {
      directories.add(new ZoneDefinition.SharedDirectory(SEED_DIRECTORY, seedDirectory(vm), true));
    }
    return new ZoneDefinition(
        vm.name().value(),
        vm.uuid(),
        settings.brand(),
        settings.zones().resolve(vm.name().value()),
        links,
        devices,
        directories,
        attributes);
  }

  /** Where a seed that is to be had as a file is, as the server sees it. */
  static Path seedInZone() {
    return SEED_DIRECTORY.resolve(SEED);
  }

  /** A directory of its own: the VM's has its keys in it. */
  private static Path seedDirectory(VmHandle vm) {
    return vm.runFile("seed");
  }

  private static void shareSeed(VmHandle vm, Path seed) {
    Path directory = seedDirectory(vm);
    try {
      Files.createDirectories(
          directory,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      Files.copy(seed, directory.resolve(SEED), StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw AtomicFiles.failure("copy the seed to", directory, e);
    }
  }

  /**
   * Clears away the zone, and with it its server and guest, its VNICs and its seed. Done when there
   * is none of ours.
   *
   * @throws VmException zone.state; host.command_failed
   */
  void remove(VmHandle vm) {
    known.remove(vm.uuid());
    String name = vm.name().value();
    if (zones.find(name).isEmpty() || !zones.owner(name).equals(Optional.of(vm.uuid()))) {
      return;
    }
    zones.halt(name, vm.uuid());
    Optional<String> vnic = zones.attribute(name, VNIC);
    Optional<String> mac = zones.attribute(name, MAC);
    if (vnic.isPresent() && mac.isPresent()) {
      removeVnic(vnic.get(), new MacAddress(mac.get()));
    }
    removeVnic(controlVnic(vm), controlMac(vm));
    removeSeed(vm);
    // Last, as by its configuration everything else is found.
    zones.remove(name, vm.uuid());
  }

  /** One of the name that is not the VM's was there before: a start was refused because of it. */
  private void removeVnic(String name, MacAddress mac) {
    if (vnics.find(name).filter(present -> present.mac().equals(mac)).isPresent()) {
      vnics.remove(name, mac);
    }
  }

  private static void removeSeed(VmHandle vm) {
    Path directory = seedDirectory(vm);
    try {
      Files.deleteIfExists(directory.resolve(SEED));
      Files.deleteIfExists(directory);
    } catch (IOException e) {
      throw AtomicFiles.failure("delete", directory, e);
    }
  }

  void forget(VmHandle vm) {
    known.remove(vm.uuid());
  }
}
