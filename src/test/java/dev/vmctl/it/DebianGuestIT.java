package dev.vmctl.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two Debian 12 machines, booted once for all tests: {@code deb} as vmctl sets it up, {@code raw}
 * by user-data of its owner. The tests that end a guest come last.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@EnabledIfSystemProperty(
    named = "vmctl.debian",
    matches = "true",
    disabledReason = "builds and boots Debian, for minutes: ./mvnw -Pdebian verify")
class DebianGuestIT {
  private static final int LAST = Integer.MAX_VALUE;

  @TempDir static Path directory;
  private static @Nullable Installation installation;
  private static @Nullable Daemon daemon;

  @BeforeAll
  static void boot() throws Exception {
    DebianGuest guest = DebianGuest.ofThisMachine();
    Path watched = Files.createDirectories(directory.resolve("watched"));
    installation = Installation.in(directory, "data");
    String key = generateKey(directory.resolve("owner"));
    Files.writeString(
        watched.resolve("user-data"),
        """
        #cloud-config
        hostname: raw-one
        users:
          - name: owner
            sudo: ALL=(ALL) NOPASSWD:ALL
            shell: /bin/bash
            ssh_authorized_keys: [%s]
        write_files:
          - {path: /etc/motto, content: "by its owner"}
        runcmd: [[sh, -c, "echo ran > /var/tmp/ran"]]
        """
            .formatted(key));
    Files.writeString(watched.resolve("note.txt"), "from the host");
    Files.writeString(
        watched.resolve("debian.kdl"),
        """
        vm "deb" {
            image "%1$s"
            memory 512
            disk 5
            ssh { user "ops"; }
            cloud-init { hostname "deb-one"; }
            provision "file" { source "note.txt"; destination "/etc/note.txt"; }
            provision "shell" { inline "sudo sh -c 'cat /etc/note.txt > /etc/provisioned'"; }
        }
        vm "raw" {
            image "%1$s"
            memory 512
            ssh { user "owner"; private-key "%2$s"; }
            cloud-init { user-data "user-data"; }
        }
        """
            .formatted(guest.image(), directory.resolve("owner")));
    daemon = Daemon.start(vmctl(), watched);
    awaitCondition("deb", "Provisioned");
    awaitCondition("raw", "Ready");
  }

  /** On two busy cores without KVM a boot takes minutes. */
  private static void awaitCondition(String vm, String condition) {
    var ended = vmctl().here("wait", vm, "--for", "condition=" + condition, "--timeout", "15m");
    assertThat(ended.exitCode()).as("%s", ended).isZero();
  }

  @AfterAll
  static void end() {
    if (installation != null) {
      installation.close();
    }
  }

  @Test
  void theUserHasItsKeyAndSudoAndNobodyHasAPassword() throws Exception {
    assertThat(inDeb("id -un; sudo -n id -u; getent passwd ops | cut -d: -f7"))
        .isEqualTo("ops\n0\n/bin/bash");
    assertThat(inDeb("sudo grep -c '^[^:]*:[$]' /etc/shadow || true")).isEqualTo("0");
    assertThat(inDeb("sudo sshd -T | grep -i '^passwordauthentication'"))
        .isEqualTo("passwordauthentication no");
  }

  @Test
  void theHostNameIsTheDeclaredOne() throws Exception {
    assertThat(inDeb("hostname; hostnamectl hostname; getent hosts deb-one | wc -l"))
        .isEqualTo("deb-one\ndeb-one\n1");
  }

  @Test
  void theHostKeyIsTheOneHandedInAndPinnedBeforeTheFirstConnection() throws Exception {
    String inGuest = inDeb("sudo cut -d' ' -f1,2 /etc/ssh/ssh_host_ed25519_key.pub");
    assertThat(inGuest).startsWith("ssh-ed25519 ");
    assertThat(known("deb")).contains(inGuest);
  }

  @Test
  void theDiskAndItsFileSystemHaveTheDeclaredSize() throws Exception {
    assertThat(inDeb("lsblk -bdno SIZE /dev/vda")).isEqualTo(Long.toString(5L << 30));
    long partition = Long.parseLong(inDeb("lsblk -bno SIZE /dev/vda1").strip());
    assertThat(partition).isGreaterThan(4900L << 20);
    assertThat(Long.parseLong(inDeb("df -B1 --output=size / | tail -1").strip()))
        .isGreaterThan(partition * 9 / 10);
  }

  @Test
  void theNetworkIsTheOneOfTheVm() throws Exception {
    String mac = vmctl().status("deb").path("mac").asText();
    assertThat(inDeb("ip -o link | grep -c " + mac)).isEqualTo("1");
    assertThat(inDeb("ip -4 -o addr show scope global")).contains("10.0.2.15/24");
    assertThat(inDeb("ip route show default")).contains("via 10.0.2.2");
    assertThat(inDeb("resolvectl dns | grep -c 10.0.2.3")).isNotEqualTo("0");
  }

  @Test
  void stepsThatNeedNoPackagesHaveRun() throws Exception {
    assertThat(inDeb("cat /etc/provisioned")).isEqualTo("from the host");
    assertThat(vmctl().status("deb").path("provision").path("done").asBoolean()).isTrue();
  }

  @Test
  void theGuestAgentRuns() throws Exception {
    assertThat(inDeb("systemctl is-active qemu-guest-agent")).isEqualTo("active");
  }

  @Test
  void userDataOfTheOwnerIsTakenAsItIs() throws Exception {
    assertThat(vmctl().inGuest("raw", "hostname; id -un; cat /etc/motto"))
        .isEqualTo("raw-one\nowner\nby its owner");
    Installation.await(
        "the end of cloud-init",
        () -> vmctl().vmctl("ssh", "raw", "--", "cat /var/tmp/ran").out().strip(),
        ran -> ran.equals("ran"));
  }

  @Test
  void aHostKeyThatTheGuestMadeItselfIsPinnedAtTheFirstConnection() throws Exception {
    String inGuest =
        vmctl().inGuest("raw", "sudo cut -d' ' -f1,2 /etc/ssh/ssh_host_ed25519_key.pub");
    assertThat(known("raw")).contains(inGuest);
  }

  @Test
  @Order(LAST)
  void aGuestThatPowersItselfOffStaysOffAndSaysSo() throws Exception {
    vmctl().vmctl("ssh", "raw", "--", "sudo systemctl poweroff");
    JsonNode off = vmctl().awaitStatus("raw", now -> now.path("state").asText().equals("stopped"));
    assertThat(off.path("holds")).isEmpty();
    vmctl().awaitEvent("GuestShutdown", "vmctl start");
    long looked = daemon().reconciles();
    Installation.await("more looks", daemon()::reconciles, count -> count > looked + 6);
    assertThat(vmctl().status("raw").path("state").asText()).isEqualTo("stopped");
  }

  @Test
  @Order(LAST - 1)
  void aRebootIsTheGuestsOwnAffair() throws Exception {
    JsonNode before = vmctl().status("deb");
    Path console = Path.of(before.path("paths").path("serialLog").asText());
    long boots = boots(console);

    vmctl().vmctl("ssh", "deb", "--", "sudo systemctl reboot");

    Installation.await("another boot", () -> boots(console), now -> now > boots);
    JsonNode rebooted = vmctl().status("deb");
    assertThat(rebooted.path("pid")).as("QEMU runs on").isEqualTo(before.path("pid"));
    assertThat(rebooted.path("restarts")).isEqualTo(before.path("restarts"));
  }

  @Test
  @Order(LAST)
  void aPanicIsSaidAndTheGuestComesBack() throws Exception {
    vmctl().awaitStatus("deb", now -> now.path("ready").asBoolean());
    awaitSsh();
    vmctl().vmctl("ssh", "deb", "--", "sudo modprobe pvpanic-pci");
    vmctl()
        .vmctl("ssh", "deb", "--", "sudo sh -c 'sleep 1; echo c > /proc/sysrq-trigger' >&- 2>&- &");

    vmctl().awaitEvent("GuestPanic", "kernel has panicked");
    vmctl()
        .awaitStatus(
            "deb", now -> now.path("restarts").asInt() == 1 && now.path("ready").asBoolean());
  }

  /** It may be in the middle of the reboot of the test before. */
  private static void awaitSsh() {
    Installation.await(
        "an answer of deb",
        () -> vmctl().vmctl("ssh", "deb", "--", "true").exitCode(),
        code -> code == 0);
  }

  private static long boots(Path console) throws Exception {
    return Files.readString(console, StandardCharsets.ISO_8859_1)
        .lines()
        .filter(line -> line.contains("Booting Debian"))
        .count();
  }

  private static String known(String vm) throws Exception {
    Path home = Path.of(vmctl().status(vm).path("paths").path("directory").asText());
    return Files.readString(home.resolve("known_hosts"));
  }

  private static String generateKey(Path file) throws Exception {
    Process keygen =
        new ProcessBuilder("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", file.toString())
            .inheritIO()
            .start();
    assertThat(keygen.waitFor()).isZero();
    return Files.readString(Path.of(file + ".pub")).strip();
  }

  private static String inDeb(String command) throws Exception {
    return vmctl().inGuest("deb", command);
  }

  private static Installation vmctl() {
    return Objects.requireNonNull(installation);
  }

  private static Daemon daemon() {
    return Objects.requireNonNull(daemon);
  }
}
