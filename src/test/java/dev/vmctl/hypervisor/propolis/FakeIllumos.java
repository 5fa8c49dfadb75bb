package dev.vmctl.hypervisor.propolis;

import dev.vmctl.host.HostFacts;
import dev.vmctl.host.LinuxHostFacts;
import dev.vmctl.host.ToolResult;
import dev.vmctl.host.fake.FakeHost;
import dev.vmctl.host.fake.FakeZones;
import dev.vmctl.hypervisor.VmHandle;
import dev.vmctl.hypervisor.propolis.PropolisSettings.SeedWay;
import dev.vmctl.model.VmName;
import dev.vmctl.network.GuestAddresses;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A host on which each zone that boots runs a {@link FakePropolisServer} at its own address, as the
 * brand does. The addresses are all of this machine's loopback network.
 */
final class FakeIllumos implements AutoCloseable {
  /** What arp(8) shows; not a failure, for all that it is kept among them. */
  private static final String NEIGHBOURS =
      """
      Net to Media Table: IPv4
      Device   IP Address               Mask      Flags      Phys Addr
      ------ -------------------- --------------- -------- ---------------
      net0   192.168.7.1          255.255.255.255          0:1b:21:aa:bb:cc
      net0   192.168.7.22         255.255.255.255          %s
      net0   224.0.0.0            240.0.0.0       SM       01:00:5e:00:00:00
      """;

  final FakeHost host;
  final Path directory;

  /** Done to each server before anybody can ask it. */
  Consumer<FakePropolisServer> onServer = server -> {};

  /** Whether guests are seen on the network as soon as they run. */
  boolean meetsGuests = true;

  /** Whether zones start their servers. */
  boolean startsServers = true;

  private final Map<String, FakePropolisServer> servers = new ConcurrentHashMap<>();

  /** Another one for every host, as tests run side by side. */
  private final String network =
      "127."
          + ThreadLocalRandom.current().nextInt(1, 255)
          + "."
          + ThreadLocalRandom.current().nextInt(0, 255)
          + ".0/24";

  FakeIllumos(Path directory) {
    this.directory = directory;
    host = new FakeHost(directory);
    host.dladm.physical.add("vmctl0");
    meet("52:54:0:12:34:57");
    host.zones.onBoot = this::boot;
    host.zones.onHalt = zone -> stop(zone.name);
    try {
      Files.createDirectories(directory.resolve("run"));
      Files.createDirectories(directory.resolve("propolis"));
      Files.writeString(directory.resolve("propolis/propolis-server"), "program");
      Files.writeString(directory.resolve("propolis/OVMF_CODE.fd"), "firmware");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void boot(FakeZones.Zone zone) {
    String mac = zone.attribute("vmctl-mac");
    if (mac != null && meetsGuests) {
      // As the real one prints it.
      meet(mac.replace(":0", ":"));
    }
    String listen = zone.attribute("vmctl-listen");
    if (startsServers && listen != null && zone.attribute("vmctl-bootrom") != null) {
      int colon = listen.lastIndexOf(':');
      FakePropolisServer server =
          new FakePropolisServer(
              listen.substring(0, colon), Integer.parseInt(listen.substring(colon + 1)));
      onServer.accept(server);
      servers.put(zone.name, server);
    }
  }

  /** This host learns the address of a guest. */
  private void meet(String mac) {
    host.failures.put("arp -an", new ToolResult(0, NEIGHBOURS.formatted(mac), ""));
  }

  private void stop(String zone) {
    FakePropolisServer server = servers.get(zone);
    if (server != null) {
      server.close();
    }
  }

  /** The server of a zone that was booted; it may have ended with its zone since. */
  FakePropolisServer server(String zone) {
    return Objects.requireNonNull(servers.get(zone), () -> "no server in " + zone);
  }

  FakePropolis inside(String zone) {
    return server(zone).inside;
  }

  /** Whether the zone has a server again, and not that one. */
  boolean hasServerOtherThan(FakePropolis before, String zone) {
    FakePropolisServer now = servers.get(zone);
    return now != null && now.inside != before;
  }

  /** The server's process dies, and as it is all there is in its zone that goes down too. */
  void endServer(String name) {
    FakeZones.Zone zone = Objects.requireNonNull(zone(name));
    stop(name);
    zone.state = "installed";
    zone.id = -1;
    host.dladm.held.clear();
  }

  /** The server's process dies; its zone stays. */
  void killServer(String zone) {
    stop(zone);
  }

  FakeZones.@Nullable Zone zone(String name) {
    return host.zones.zones.get(name);
  }

  PropolisSettings settings(SeedWay seed) {
    Path home = directory.resolve("propolis");
    return new PropolisSettings(
        "host-a",
        ApiVersion.DEFAULT,
        seed,
        home,
        home.resolve("OVMF_CODE.fd"),
        "vmctl",
        Path.of("/zones/vmctl"),
        "vmctl0",
        ControlNet.parse(network),
        12_400,
        "net0",
        Duration.ofSeconds(5),
        Duration.ofSeconds(20),
        Duration.ofSeconds(5));
  }

  PropolisHypervisor hypervisor(GuestShutdown guests) {
    return hypervisor(guests, settings(SeedWay.AUTO));
  }

  PropolisHypervisor hypervisor(GuestShutdown guests, PropolisSettings settings) {
    return new PropolisHypervisor(
        host, facts(), settings, GuestAddresses.ofArp(host, InstantSource.system()), guests);
  }

  /** What is true of this machine, with the programs of another. */
  HostFacts facts() {
    HostFacts real = LinuxHostFacts.ofThisProcess();
    return (HostFacts)
        Proxy.newProxyInstance(
            HostFacts.class.getClassLoader(),
            new Class<?>[] {HostFacts.class},
            (proxy, method, arguments) ->
                method.getName().equals("findProgram")
                    ? Optional.of(Path.of("/usr/sbin/" + arguments[0]))
                    : method.invoke(real, arguments));
  }

  VmHandle handle(String name) {
    return new VmHandle(
        new VmName(name),
        UUID.nameUUIDFromBytes(name.getBytes(java.nio.charset.StandardCharsets.UTF_8)),
        directory.resolve(name),
        directory.resolve("run"),
        null);
  }

  /** Everything that did not go by the rules. */
  java.util.List<String> violations() {
    java.util.List<String> all = new java.util.ArrayList<>(host.violations);
    servers
        .values()
        .forEach(
            server -> {
              all.addAll(server.violations);
              all.addAll(server.inside.violations);
            });
    return all;
  }

  @Override
  public void close() {
    servers.values().forEach(FakePropolisServer::close);
  }
}
