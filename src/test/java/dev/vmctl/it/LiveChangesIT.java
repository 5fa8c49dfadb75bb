package dev.vmctl.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
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
 * One guest whose VMFile is edited while it runs, looked at from inside. The tests are steps of one
 * story, for a boot costs seconds.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class LiveChangesIT {
  private static final SmallGuest GUEST = SmallGuest.ofThisMachine();
  @TempDir static Path directory;
  private static @Nullable Installation installation;
  private static int port;
  private static long pid;
  private static String boot = "";

  @BeforeAll
  static void up() throws Exception {
    // As with the user of the package: QEMU gives up root, and is plugged what root has.
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx--x--x"));
    installation = Installation.in(directory, "data");
    installation.within(List.of(), Map.of("VMCTL_QEMU_USER", "nobody"));
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    declare(
        """
        vcpus 1 max=3
        memory 256 max=400
        disk "200MiB"
        """);
    vmctl().succeed("up");
    pid = vmctl().status("web").path("pid").asLong();
    boot = inGuest("echo kept >~/file; sync; cat /proc/sys/kernel/random/boot_id");
  }

  @AfterAll
  static void end() {
    if (installation != null) {
      installation.close();
    }
  }

  private static Installation vmctl() {
    return Objects.requireNonNull(installation);
  }

  private static void declare(String fields) throws IOException {
    Files.writeString(
        directory.resolve("VMFile.kdl"),
        """
        vm "web" {
            image "%1$s/root.qcow2"
            kernel "%1$s/vmlinuz"
            initrd "%1$s/initrd.img"
            cmdline "console=ttyS0 root=/dev/vda quiet cryptomgr.notests"
            ssh { user "vm" }
        %2$s}
        """
            .formatted(GUEST.directory(), fields));
  }

  private static String inGuest(String command) throws Exception {
    return vmctl().inGuest("web", command);
  }

  /** MiB, as the guest's kernel counts. */
  private static long memory() throws Exception {
    return Long.parseLong(inGuest("awk '/MemTotal/ { print int($2 / 1024) }' /proc/meminfo"));
  }

  private static void assertSameRun() throws Exception {
    assertThat(inGuest("cat /proc/sys/kernel/random/boot_id ~/file")).isEqualTo(boot + "\nkept");
    assertThat(vmctl().status("web").path("pid").asLong()).isEqualTo(pid);
  }

  @Test
  @Order(1)
  void theGuestHasWhatIsDeclaredNotWhatItHasRoomFor() throws Exception {
    assertThat(memory()).isBetween(180L, 256L);
    assertThat(inGuest("nproc")).isEqualTo("1");
    JsonNode memory = field("memory");
    assertThat(memory.path("declared").asText()).isEqualTo("256");
    assertThat(memory.path("running").asText()).isEqualTo("256");
    assertThat(memory.path("drifted").asBoolean()).isFalse();
  }

  private static JsonNode field(String path) throws Exception {
    return vmctl()
        .status("web")
        .path("fields")
        .valueStream()
        .filter(field -> field.path("path").asText().equals(path))
        .findFirst()
        .orElseThrow();
  }

  @Test
  @Order(1)
  void underRootQemuGivesUpAllItsRightsAndStillShowsItsScreen() throws Exception {
    assumeTrue(
        "root".equals(System.getProperty("user.name")), "only root has something to give up");
    assertThat(Path.of("/proc", Long.toString(pid), "status"))
        .content()
        .contains("Uid:\t65534\t65534\t65534\t65534", "CapEff:\t0000000000000000")
        .containsPattern("Groups:\t65534 ?\n");
    vmctl().succeed("screenshot", "web", "screen.png");
    assertThat(directory.resolve("screen.png")).isNotEmptyFile();
    assertThat(vmctl().succeed("doctor").out()).contains("runs as nobody");
  }

  @Test
  @Order(2)
  void anEditGivesTheGuestMoreOfEverythingWhileItRuns() throws Exception {
    declare(
        """
        vcpus 2 max=3
        memory 400 max=400
        disk "300MiB"
        cloud-init { hostname "renamed" }
        disks { disk "data" size="64MiB" }
        nics { nic "lab" mac="52:54:00:AB:CD:EF" }
        forward host=%d guest=8080
        """
            .formatted(port));
    assertThat(vmctl().succeed("plan").out())
        .contains("~ memory 256 → 400  live", "~ vcpus 1 → 2  live", "  live\n")
        .doesNotContain("restart")
        .endsWith("Plan: 0 to create, 1 to change (1 live), 0 to destroy\n");

    vmctl().succeed("up");

    assertSameRun();
    assertThat(inGuest("nproc; hostname; cat /sys/block/vda/size"))
        .isEqualTo("2\nrenamed\n" + (300 << 11));
    assertThat(memory()).isBetween(320L, 400L);
    assertThat(Long.parseLong(inGuest("df -m / | awk 'END { print $2 }'"))).isGreaterThan(250);
    assertThat(inGuest("cat /sys/block/vd*/serial /sys/class/net/e*/address"))
        .contains("data", "52:54:00:ab:cd:ef");
    inGuest("mkdir -p www; echo served >www/index.html; /usr/sbin/httpd -p 8080 -h ~/www");
    assertThat(get()).isEqualTo("served\n");
    assertThat(vmctl().succeed("plan").out()).isEqualTo("nothing to do\n");
  }

  private static String get() throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      URI there = URI.create("http://127.0.0.1:" + port + "/");
      return client
          .send(HttpRequest.newBuilder(there).build(), HttpResponse.BodyHandlers.ofString())
          .body();
    }
  }

  @Test
  @Order(3)
  void anEditTakesAwayWhatTheGuestCanLetGo() throws Exception {
    inGuest(
        "d=/dev/disk/by-id/virtio-data; sudo mke2fs -q -t ext4 $d && sudo mkdir /data && sudo mount $d /data && echo precious | sudo tee /data/file");
    declare(
        """
        vcpus 2 max=3
        memory 224 max=400
        disk "300MiB"
        cloud-init { hostname "renamed" }
        """);

    vmctl().succeed("up");

    assertSameRun();
    assertThat(memory()).isLessThan(224);
    assertThat(inGuest("cat /sys/block/vd*/serial /sys/class/net/e*/address; ls /data"))
        .doesNotContain("data", "52:54:00:ab:cd:ef", "file");
    assertThat(vmctl().trash().path(0).path("kind").asText()).isEqualTo("disk:data");
    try (ServerSocket free = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      assertThat(free.isBound()).isTrue();
    }
  }

  @Test
  @Order(4)
  void aSmallerDiskIsRefusedBeforeAnythingIsTouched() throws Exception {
    declare(
        """
        vcpus 2 max=3
        memory 224 max=400
        disk "200MiB"
        """);
    Installation.Ended refused = vmctl().start("up", "--timeout", "10s").end();
    assertThat(refused.exitCode()).isNotZero();
    assertThat(refused.err()).contains("never shrunk");
    assertSameRun();
  }

  @Test
  @Order(5)
  void whatCannotBeLiveRestartsTheGuestAsItWas() throws Exception {
    String mac = vmctl().status("web").path("mac").asText();
    declare(
        """
        vcpus 1 max=3
        memory 224 max=400
        disk "300MiB"
        cloud-init { hostname "renamed" }
        """);
    assertThat(vmctl().succeed("plan").out())
        .contains("~ vcpus 2 → 1  restart", "1 to change (1 restart)");

    vmctl().succeed("up");

    assertThat(inGuest("nproc; hostname; cat ~/file")).isEqualTo("1\nrenamed\nkept");
    assertThat(inGuest("cat /proc/sys/kernel/random/boot_id")).isNotEqualTo(boot);
    assertThat(vmctl().status("web").path("mac").asText()).isEqualTo(mac);
    assertThat(vmctl().succeed("plan").out()).isEqualTo("nothing to do\n");
  }
}
