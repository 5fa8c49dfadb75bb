package dev.vmctl.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
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
 * One guest with everything that a VMFile can give it, looked at from inside; then the same guest
 * with other devices. The tests are steps of one story, for a boot costs seconds.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class DevicesIT {
  private static final SmallGuest GUEST = SmallGuest.ofThisMachine();
  private static final String SECRET = "correct horse battery staple";
  @TempDir static Path directory;
  private static @Nullable Installation installation;
  private static int port;

  @BeforeAll
  static void up() throws Exception {
    installation = Installation.in(directory, "data");
    installation.within(List.of(), Map.of("VMCTL_QEMU_USER", "nobody"));
    port = freePort();
    Files.writeString(directory.resolve("token.txt"), SECRET + "\n");
    byte[] tools = new byte[1 << 20];
    System.arraycopy("a tool\n".getBytes(StandardCharsets.UTF_8), 0, tools, 512, 7);
    Files.write(directory.resolve("tools.raw"), tools);
    Files.writeString(Files.createDirectory(directory.resolve("site")).resolve("a"), "of the host");
    Files.createDirectory(directory.resolve("out"));
    Files.writeString(Files.createDirectory(directory.resolve("drop")).resolve("a"), "of the host");
    declare(
        """
        disks { disk "data" size="64MiB"; disk "tools" image="tools.raw" }
        nics { nic "lab" mac="52:54:00:AB:CD:EF"; nic "more" { network "user" } }
        """);
    vmctl().succeed("up");
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

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static void declare(String devices) throws IOException {
    Files.writeString(
        directory.resolve("VMFile.kdl"),
        """
        vm "web" {
            image "%1$s/root.qcow2"
            kernel "%1$s/vmlinuz"
            initrd "%1$s/initrd.img"
            cmdline "console=ttyS0 root=/dev/vda quiet cryptomgr.notests marker=here"
            vcpus 2
            memory "256MiB"
            disk "200MiB"
            accel "tcg"
            machine "q35"
            cpu "qemu64"
            cloud-init { hostname "devices" }
            ssh { user "ann" }
            forward host=%2$d guest=8080
            share "site" at="/srv/the site" read-only=#true
            share "out" { at "/mnt/out" }
            share "drop" at="/mnt/drop" via="sftp"
            labels { tier "web"; "example.org/stage" "test" }
            env { STAGE "of the VM"; TOKEN file="token.txt" }
            provision "shell" {
                inline "printf '%%s|%%s' \\"$STAGE\\" \\"$TOKEN\\" >~/env; mkdir www; echo served >www/index.html; httpd -p 8080 -h ~/www"
                env { STAGE "of the step" }
            }
            provision "shell" { inline "d=$(cat /proc/mounts | grep -c vmctl); echo $d >~/mounts; sudo mke2fs -q -t ext4 %3$s; sudo mkdir /data; sudo mount %3$s /data; echo kept | sudo tee /data/file; sudo umount /data" }
        %4$s}
        """
            .formatted(GUEST.directory(), port, "/dev/disk/by-id/virtio-data", devices));
  }

  private static String inGuest(String command) throws Exception {
    return vmctl().inGuest("web", command);
  }

  @Test
  @Order(1)
  void theGuestHasWhatIsDeclared() throws Exception {
    assertThat(inGuest("nproc")).isEqualTo("2");
    assertThat(Long.parseLong(inGuest("awk '/MemTotal/ { print $2 }' /proc/meminfo")))
        .isBetween(190_000L, 262_144L);
    assertThat(inGuest("cat /proc/cmdline")).contains("marker=here");
    assertThat(inGuest("grep -m1 'model name' /proc/cpuinfo")).contains("QEMU Virtual CPU");
    assertThat(inGuest("cat /sys/class/dmi/id/product_name")).contains("Q35");
    assertThat(inGuest("hostname; whoami")).isEqualTo("devices\nann");
    assertThat(inGuest("cat /sys/block/vda/size")).isEqualTo(Integer.toString(200 << 11));
    assertThat(inGuest("test -d /sys/firmware/efi || echo bios")).isEqualTo("bios");
  }

  @Test
  @Order(1)
  void furtherDisksHaveTheirNamesAndSizes() throws Exception {
    assertThat(inGuest("for d in /sys/block/vd[c-z]; do cat $d/serial $d/size; echo; done"))
        .isEqualTo("data" + (64 << 11) + "\n\ntools" + (1 << 11));
    assertThat(
            inGuest("sudo dd if=/dev/disk/by-id/virtio-tools bs=512 skip=1 2>/dev/null | head -n1"))
        .isEqualTo("a tool");
  }

  @Test
  @Order(1)
  void furtherCardsHaveTheirAddresses() throws Exception {
    assertThat(inGuest("cat /sys/class/net/e*/address"))
        .contains("52:54:00:ab:cd:ef")
        .hasLineCount(3);
    Installation.await(
        "addresses on every card",
        () -> inGuest("ip -4 -o addr"),
        said ->
            said.contains("10.0.2.15") && said.contains("10.0.3.15") && said.contains("10.0.4.15"));
  }

  @Test
  @Order(1)
  void aForwardedPortLeadsIntoTheGuest() throws Exception {
    assertThat(get()).isEqualTo("served\n");
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
  @Order(1)
  void sharedDirectoriesAreMountedBeforeTheStepsRun() throws Exception {
    assertThat(inGuest("cat ~/mounts")).isEqualTo("3");
    assertThat(inGuest("cat '/srv/the site/a'")).isEqualTo("of the host");
    assertThat(inGuest("sudo touch '/srv/the site/b' 2>/dev/null || echo no")).isEqualTo("no");
    inGuest("echo of the guest | sudo tee /mnt/out/b");
    assertThat(directory.resolve("out/b")).hasContent("of the guest\n");
    JsonNode shares = vmctl().status("web").path("shares");
    assertThat(shares).hasSize(3);
    assertThat(shares.path(0).path("via").asText()).isEqualTo("virtiofs");
    assertThat(shares.path(0).path("readOnly").asBoolean()).isTrue();
    assertThat(shares.path(1).path("guest").asText()).isEqualTo("/mnt/out");
  }

  @Test
  @Order(1)
  void aDirectoryComesOverSshWhereNothingElseDoes() throws Exception {
    assertThat(vmctl().status("web").path("shares").path(2).path("via").asText()).isEqualTo("sftp");
    assertThat(inGuest("cat /mnt/drop/a; echo of the guest >/mnt/drop/b")).isEqualTo("of the host");
    assertThat(directory.resolve("drop/b")).hasContent("of the guest\n");
    // The guest is root in itself and follows its own links, never the host's.
    Files.createSymbolicLink(directory.resolve("drop/link"), directory.resolve("token.txt"));
    assertThat(inGuest("sudo cat /mnt/drop/link 2>/dev/null || echo nothing")).isEqualTo("nothing");
  }

  @Test
  @Order(1)
  void variablesReachTheStepsAndNothingElse() throws Exception {
    assertThat(inGuest("cat ~/env")).isEqualTo("of the step|" + SECRET);
    assertThat(vmctl().succeed("log", "web", "--provision").out()).doesNotContain(SECRET);
    assertThat(vmctl().succeed("plan", "-o", "json").out()).doesNotContain(SECRET);
    assertThat(vmctl().events().toString()).doesNotContain(SECRET);
  }

  @Test
  @Order(1)
  void labelsAreListed() throws Exception {
    assertThat(vmctl().list().path(0).path("labels").path("tier").asText()).isEqualTo("web");
    assertThat(vmctl().succeed("list", "-o", "wide").out())
        .contains("example.org/stage=test,tier=web");
  }

  @Test
  @Order(2)
  void aTakenPortIsToldWithItsHolderBeforeTheGuestIsStopped() throws Exception {
    long pid = vmctl().status("web").path("pid").asLong();
    int own = port;
    try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = other.getLocalPort();
      declare("disks { disk \"data\" size=\"64MiB\"; disk \"tools\" image=\"tools.raw\" }");
      Installation.Ended ended = vmctl().start("up", "--timeout", "10s").end();
      assertThat(ended.exitCode()).isNotZero();
      assertThat(ended.err())
          .contains("it is taken by", "process " + ProcessHandle.current().pid());
      assertThat(vmctl().status("web").path("failure").path("code").asText())
          .isEqualTo("network.port_taken");
      assertThat(vmctl().status("web").path("pid").asLong()).isEqualTo(pid);
    } finally {
      port = own;
    }
  }

  @Test
  @Order(3)
  void anEditBootsTheSameGuestByUefiOnAGrownDiskWithoutTheOneThatIsGone() throws Exception {
    declare("uefi #true; disks { disk \"data\" size=\"128MiB\" }");
    vmctl().succeed("up");

    assertThat(inGuest("test -d /sys/firmware/efi && echo efi")).isEqualTo("efi");
    assertThat(inGuest("cat /sys/block/vd[c-z]/serial /sys/block/vd[c-z]/size"))
        .isEqualTo("data" + (128 << 11));
    assertThat(
            inGuest(
                "sudo mkdir -p /data; sudo mount /dev/disk/by-id/virtio-data /data; cat /data/file"))
        .isEqualTo("kept");
    assertThat(inGuest("cat '/srv/the site/a' ~/env")).startsWith("of the host");
    assertThat(vmctl().trash().path(0).path("kind").asText()).isEqualTo("disk:tools");
    assertThat(directory.resolve("data/vms/web/efivars.fd")).exists();
  }

  @Test
  @Order(4)
  void destroyTakesTheDataAlongAndRestoreBringsItBack() throws Exception {
    vmctl().succeed("destroy", "web");
    try (var left = Files.list(directory.resolve("data/run"))) {
      assertThat(left).isEmpty();
    }
    assertThat(directory.resolve("data/vms/web")).doesNotExist();
    JsonNode whole =
        vmctl()
            .trash()
            .valueStream()
            .filter(entry -> entry.path("kind").asText().equals("vm"))
            .findFirst()
            .orElseThrow();
    vmctl().succeed("trash", "restore", whole.path("id").asText());
    assertThat(directory.resolve("data/vms/web/disks/data/disk.qcow2")).exists();
    assertThat(vmctl().status("web").path("state").asText()).isEqualTo("stopped");
  }
}
