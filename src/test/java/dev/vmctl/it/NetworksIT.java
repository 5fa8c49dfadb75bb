package dev.vmctl.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two guests on a bridge with a DHCP server and on a private network, all in a network namespace of
 * their own, as a user has them. The tests are steps of one story, for a boot costs seconds.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class NetworksIT {
  private static final SmallGuest GUEST = SmallGuest.ofThisMachine();
  private static final String NAMESPACE = "vmctl-it-" + ProcessHandle.current().pid();
  private static final int NOBODY = 65534;
  private static final String NET = "192.168.177.";
  @TempDir static Path directory;
  private static @Nullable Installation installation;
  private static @Nullable Process dhcp;

  @BeforeAll
  static void up() throws Exception {
    assumeTrue(
        "root".equals(System.getProperty("user.name")) && Files.exists(Path.of("/dev/net/tun")),
        "taps and namespaces need root and /dev/net/tun: run the tests as root to have these");
    host("ip", "netns", "add", NAMESPACE);
    inside("ip", "link", "set", "lo", "up");
    inside("ip", "link", "add", "br0", "type", "bridge");
    inside("ip", "addr", "add", NET + "1/24", "dev", "br0");
    inside("ip", "link", "set", "br0", "up");
    Path leases = directory.resolve("br0.leases");
    dhcp =
        new ProcessBuilder(
                "ip",
                "netns",
                "exec",
                NAMESPACE,
                "dnsmasq",
                "--keep-in-foreground",
                "--conf-file=/dev/null",
                "--user=root",
                "--pid-file=" + directory.resolve("dnsmasq.pid"),
                "--port=0",
                "--interface=br0",
                "--bind-interfaces",
                "--no-ping",
                "--dhcp-authoritative",
                "--dhcp-leasefile=" + leases,
                "--dhcp-range=" + NET + "10," + NET + "99,1h")
            .inheritIO()
            .start();
    installation = Installation.in(directory, "data");
    installation.within(
        List.of("ip", "netns", "exec", NAMESPACE),
        Map.of("VMCTL_DHCP_LEASES", directory.resolve("%s.leases").toString()));
    // As users of the original write it, in both of its ways.
    declare(
        "network \"tap\"; nics { nic \"lan\" network=\"private\" }",
        "network \"private\" name=\"lan\"; nics { nic \"wire\" { network \"tap\" { bridge \"br0\"; } }; }");
    vmctl().succeed("up");
  }

  @AfterAll
  static void end() throws Exception {
    if (installation != null) {
      installation.close();
    }
    if (dhcp != null) {
      dhcp.destroyForcibly().waitFor();
      host("ip", "netns", "delete", NAMESPACE);
    }
  }

  private static Installation vmctl() {
    return Objects.requireNonNull(installation);
  }

  private static void declare(String ofA, String ofB) throws IOException {
    Files.writeString(directory.resolve("VMFile.kdl"), connected("a", ofA) + connected("b", ofB));
  }

  private static String connected(String name, String network) {
    return GUEST.vm(name, 128).replace("vcpus 1", "vcpus 1\n    " + network);
  }

  private static String inside(String... command) throws Exception {
    String[] all = new String[command.length + 4];
    System.arraycopy(new String[] {"ip", "netns", "exec", NAMESPACE}, 0, all, 0, 4);
    System.arraycopy(command, 0, all, 4, command.length);
    return host(all);
  }

  private static String host(String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as("%s: %s", String.join(" ", command), said).isZero();
    return said;
  }

  private static List<String> ports() throws Exception {
    return inside("ip", "-o", "link", "show", "master", "br0")
        .lines()
        .map(line -> line.split("[: ]+")[1])
        .toList();
  }

  /** That of a card beside the first may come after the guest is ready. */
  private static String address(String vm) {
    return vmctl()
        .awaitStatus(vm, status -> status.path("address").isTextual())
        .path("address")
        .asText();
  }

  @Test
  @Order(1)
  void eachGuestIsOnTheBridgeAtAnAddressOfItsOwn() throws Exception {
    String a = address("a");
    String b = address("b");
    assertThat(a).startsWith(NET).isNotEqualTo(b);
    assertThat(b).startsWith(NET);
    assertThat(ports()).hasSize(2).allMatch(port -> port.startsWith("vt"));
    assertThat(vmctl().inGuest("a", "hostname; ip -4 -o addr show eth0"))
        .contains("a\n", a + "/24");
    assertThat(vmctl().inGuest("b", "sudo ping -c 1 -w 10 " + a)).contains("1 packets received");
    assertThat(vmctl().succeed("list").out()).contains(a);
  }

  @Test
  @Order(1)
  void onAPrivateNetworkGuestsReachEachOtherByName() throws Exception {
    String toB = vmctl().inGuest("a", "sudo ping -c 1 -w 10 b; cat /etc/hosts");
    assertThat(toB).contains("1 packets received", " a # vmctl", " b # vmctl");
    String address = toB.replaceAll("(?s).*?PING b \\((\\S+)\\).*", "$1");
    assertThat(address).matches("10\\.\\d+\\.\\d+\\.\\d+");
    assertThat(vmctl().inGuest("b", "sudo ping -c 1 -w 10 a; ip -4 -o addr"))
        .contains("1 packets received", address + "/16");
    assertThat(vmctl().status("b").path("network").asText()).isEqualTo("private:lan");
    assertThat(vmctl().status("b").path("sshPort").asInt()).isPositive();
  }

  @Test
  @Order(2)
  void aStoppedGuestLeavesNoDeviceAndOneThatWasKilledIsForgottenWithItsOwn() throws Exception {
    vmctl().succeed("stop", "b", "--timeout", "1");
    assertThat(ports()).hasSize(1);
    Installation.kill(vmctl().status("a").path("pid").asLong());
    assertThat(ports()).hasSize(1);
    vmctl().succeed("destroy", "a");
    assertThat(ports()).isEmpty();
  }

  /** The daemon of a unit with User= and AmbientCapabilities= stands there as this does. */
  @Test
  @Order(3)
  void aTapNeedsOneCapabilityOfRootsAndQemuGetsNone() throws Exception {
    Path program = Path.of(System.getProperty("vmctl.basedir", ""), "bin/vmctl");
    String reached =
        "setpriv --reuid=" + NOBODY + " test -x '" + program + "' && echo yes || echo no";
    assumeTrue(host("sh", "-c", reached).equals("yes\n"), "nobody may not look into this checkout");
    Path place = Files.createDirectory(directory.resolve("nobody's"));
    Files.setAttribute(place, "unix:uid", NOBODY);
    TinyGuest tiny = TinyGuest.in(directory);
    for (Path each : List.of(directory, tiny.image())) {
      Files.setPosixFilePermissions(each, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
    Path file =
        Files.writeString(
            directory.resolve("nobody.kdl"),
            tiny.vm("tap").replace("network \"none\"", "network \"tap\""));
    // As udev leaves it on most hosts.
    Path tun = directory.resolve("tun");
    host("mknod", "--mode=666", tun.toString(), "c", "10", "200");
    List<String> words = new ArrayList<>(List.of("ip", "netns", "exec", NAMESPACE, "sh", "-c"));
    words.add("mount --bind \"$0\" /dev/net/tun && exec \"$@\"");
    words.addAll(
        List.of(
            tun.toString(), "setpriv", "--reuid=" + NOBODY, "--regid=" + NOBODY, "--clear-groups"));
    words.addAll(List.of("--inh-caps=-all,+net_admin", "--ambient-caps=-all,+net_admin"));
    words.add("--bounding-set=-all,+net_admin");
    try (Installation nobodys = Installation.in(place, "data")) {
      nobodys.within(words, Map.of("HOME", place.toString()));
      nobodys.succeed("up", "--file", file.toString());
      assertThat(ports()).hasSize(1);
      assertThat(inside("ip", "-d", "link", "show", ports().getFirst())).contains("user nobody");
      long qemu = nobodys.status("tap").path("pid").asLong();
      assertThat(Path.of("/proc", Long.toString(qemu), "status"))
          .content()
          .contains("Uid:\t65534\t", "CapPrm:\t0000000000000000", "CapAmb:\t0000000000000000");
      nobodys.succeed("destroy", "tap");
      assertThat(ports()).isEmpty();
    }
  }

  @Test
  @Order(4)
  void withoutItsBridgeAGuestIsNotStartedAndTheReasonIsTold() throws Exception {
    declare("network \"user\"", "network \"tap\" bridge=\"br7\"");
    Installation.Ended ended = vmctl().start("up", "--name", "b", "--timeout", "5s").end();
    assertThat(ended.exitCode()).isNotZero();
    assertThat(ended.err()).contains("there is no bridge br7");
    JsonNode failure = vmctl().status("b").path("failure");
    assertThat(failure.path("code").asText()).isEqualTo("network.failed");
    assertThat(failure.path("help").asText()).contains("ip link add br7 type bridge");
  }
}
