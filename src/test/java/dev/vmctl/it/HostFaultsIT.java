package dev.vmctl.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vmctl.faults.Area;
import dev.vmctl.faults.Fault;
import dev.vmctl.faults.Seen;
import dev.vmctl.host.LinuxHostFacts;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A host that does not give what a VM needs, or a user what vmctl needs. */
class HostFaultsIT {
  /** Has nothing to boot: only how far its QEMU gets is looked at. */
  private static final String VM =
      """
      vm "%s" {
        image "blank.qcow2"
        accel "tcg"
        disk "1M"
        %s
      }
      """;

  private static final String BRIDGE =
      "ip link add br9 type bridge && ip link set br9 up && ip link set lo up && ";

  @TempDir Path directory;
  private @Nullable Installation installation;

  @BeforeEach
  void install() throws IOException {
    installation = Installation.in(directory, "data");
    // Raw, whatever its name says.
    Files.write(directory.resolve("blank.qcow2"), new byte[4096]);
    declare("well", "memory 16");
  }

  @AfterEach
  void end() {
    vmctl().close();
  }

  @Test
  @Fault(
      area = Area.IMAGE,
      value = "a raw image that is named qcow2",
      silent = "it is taken for what it is")
  void aRawImageOfAnotherNameIsTakenForWhatItIs() throws Exception {
    vmctl().succeed("up", "--file", "well.kdl");
    assertThat(vmctl().status("well").path("state").asText()).isEqualTo("running");
  }

  @Test
  @Fault(area = Area.HOST, value = "the port of a `forward` is taken")
  void aPortThatIsTakenIsNamedWithWhoHasIt(Seen seen) throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      declare("bad", "memory 16\n  forward host=%d guest=80".formatted(taken.getLocalPort()));
      seen.calling(ProcessHandle.current().pid(), "<pid>");
      showFailureOf(seen, List.of());
    }
    vmctl().succeed("up", "--file", "bad.kdl");
  }

  @Test
  @Fault(area = Area.HOST, value = "not as much memory as a guest is to have")
  void moreMemoryThanThereIsIsRefusedByTheHost(Seen seen) throws Exception {
    declare("bad", "memory \"4096G\"");
    showFailureOf(seen, List.of(), "--overcommit");
  }

  @Test
  @Fault(area = Area.HOST, value = "others have the memory that a guest needs")
  void aGuestWaitsForMemoryThatOthersHave(Seen seen) throws Exception {
    long total = LinuxHostFacts.ofThisProcess().totalMemoryBytes() >> 20;
    declare("bad", "memory " + (total - 64));

    Installation.Ended ended = vmctl().vmctl("up", "--timeout", "2s", "--file", "bad.kdl");

    assertThat(ended.exitCode()).as("%s", ended).isEqualTo(1);
    JsonNode ready = Installation.condition(vmctl().status("bad"), "Ready");
    assertThat(ready.path("reason").asText()).isEqualTo("WaitingForMemory");
    seen.says(ready.path("message").asText().replaceAll("\\d+ MiB|has \\d+", "<n>"));
    assertThat(vmctl().processes("qemu-system-x86_64")).isEmpty();
    vmctl().succeed("up", "--overcommit", "--file", "bad.kdl");
    assertThat(vmctl().status("bad").path("state").asText()).isEqualTo("running");
  }

  @Test
  @Fault(area = Area.HOST, value = "no /dev/net/tun")
  void withoutTunTheTapSaysSo(Seen seen) throws Exception {
    assumeRoot();
    declare("bad", "memory 16\n  network \"tap\" { bridge \"br9\" }");
    showFailureOf(
        seen,
        List.of(
            "unshare",
            "--mount",
            "--net",
            "sh",
            "-c",
            BRIDGE + "mount -t tmpfs none /dev/net && exec \"$@\"",
            "without-tun"));
  }

  @Test
  @Fault(area = Area.HOST, value = "CAP_NET_ADMIN is refused")
  void withoutTheCapabilityTheTapSaysSo(Seen seen) throws Exception {
    assumeRoot();
    declare("bad", "memory 16\n  network \"tap\" { bridge \"br9\" }");
    showFailureOf(
        seen,
        List.of(
            "unshare",
            "--net",
            "sh",
            "-c",
            BRIDGE + "exec setpriv --bounding-set=-net_admin --inh-caps=-net_admin \"$@\"",
            "without-capability"));
  }

  @Test
  @Fault(area = Area.HOST, value = "too few open files are allowed")
  void tooFewOpenFilesAreTold(Seen seen) throws Exception {
    vmctl().succeed("list");
    vmctl().within(List.of("prlimit", "--nofile=40:40"), Map.of());
    Installation.Ended ended = vmctl().vmctl("up", "--file", "well.kdl");
    assertThat(ended.exitCode()).as("%s", ended).isNotZero();
    assertThat(ended.err()).contains("open files");
    seen.says("what could not be opened: `too many open files`; `help: raise the limit`");
    vmctl().within(List.of(), Map.of());
    vmctl().succeed("up", "--file", "well.kdl");
  }

  @Test
  @Fault(area = Area.VMFILE, value = "mode 000")
  void aFileThatMayNotBeReadIsNamed(Seen seen) throws Exception {
    assumeRoot();
    Path file = directory.resolve("well.kdl");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("---------"));
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    vmctl()
        .within(
            List.of("setpriv", "--reuid=65534", "--clear-groups"),
            Map.of("HOME", "/nonexistent", "XDG_CACHE_HOME", "/nonexistent"));
    Installation.Ended ended = vmctl().vmctl("validate", "well.kdl");
    assertThat(ended.exitCode()).isEqualTo(1);
    seen.calling(directory.toRealPath(), "<dir>")
        .ended(ended.exitCode(), ended.out() + ended.err());
  }

  private void declare(String name, String fields) throws IOException {
    Files.writeString(directory.resolve(name + ".kdl"), VM.formatted(name, fields));
  }

  /** Brings up the VM that cannot come, and one beside it. */
  private void showFailureOf(Seen seen, List<String> within, String... options) throws Exception {
    vmctl().succeed("up", "--file", "well.kdl");
    vmctl().within(within, Map.of());
    List<String> up = new ArrayList<>(List.of("up", "--timeout", "2s"));
    up.addAll(List.of(options));
    up.addAll(List.of("--file", "bad.kdl"));
    Installation.Ended ended = vmctl().vmctl(up.toArray(String[]::new));
    vmctl().within(List.of(), Map.of());

    assertThat(ended.exitCode()).as("%s", ended).isEqualTo(1);
    JsonNode failure = vmctl().status("bad").path("failure");
    assertThat(ended.err()).contains(failure.path("message").asText());
    seen.calling(directory.toRealPath(), "<dir>")
        .says(
            "error[%s]: %s\n  help: %s"
                .formatted(
                    failure.path("code").asText(),
                    failure.path("message").asText(),
                    failure.path("help").asText()));
    assertThat(vmctl().status("well").path("state").asText()).isEqualTo("running");
    assertThat(vmctl().processes("qemu-system-x86_64")).hasSize(1);
  }

  private static void assumeRoot() {
    assumeThat(LinuxHostFacts.ofThisProcess().userId())
        .as("only root may take that away: skipped")
        .isZero();
  }

  private Installation vmctl() {
    return Objects.requireNonNull(installation);
  }
}
