package dev.vmctl.hypervisor.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.vmctl.hypervisor.DataDisk;
import dev.vmctl.hypervisor.VmHandle;
import dev.vmctl.hypervisor.qemu.QemuMachine.DirectBoot;
import dev.vmctl.model.Accel;
import dev.vmctl.model.ForwardSpec;
import dev.vmctl.model.ForwardSpec.Protocol;
import dev.vmctl.model.MacAddress;
import dev.vmctl.model.ShareFacts;
import dev.vmctl.model.ShareSpec.Via;
import dev.vmctl.model.VmName;
import dev.vmctl.network.PrivateNetwork;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The golden files hold one word of the command line per line. */
class QemuCommandLineTest {
  private static final UUID UUID_OF_VM = UUID.fromString("01234567-89ab-cdef-0123-456789abcdef");
  private static final MacAddress MAC = new MacAddress("52:54:00:12:34:56");
  private static final Path DISK = Path.of("/data/vms/web/overlay.qcow2");
  private static final Path SEED = Path.of("/data/vms/web/seed.iso");

  @Test
  void aCloudImageOnUserNetworking() throws Exception {
    QemuMachine machine =
        machine(
            Accel.KVM, "host", new QemuNetwork.User(0, 2222, List.of()), DISK, SEED, null, null);
    assertGolden("cloud-image.txt", binary(true), handle("/data/vms/web", "/data/run"), machine);
  }

  @Test
  void uefiOnATapDeviceWithHostilePaths() throws Exception {
    String hostile = "/data/a,b=c \"d'/x,,y";
    QemuMachine machine =
        machine(
            Accel.TCG,
            "max,-avx",
            new QemuNetwork.Tap("vm01234567", "br0"),
            Path.of(hostile + "/overlay.qcow2"),
            null,
            new UefiFirmware(
                Path.of("/usr/share/OVMF/OVMF_CODE_4M.fd"), Path.of(hostile + "/efivars.fd"), true),
            null);
    assertGolden("uefi-tap.txt", binary(true), handle(hostile, "/run/a,b"), machine);
  }

  @Test
  void aKernelBootedDirectlyWithoutNetworkOrSandbox() throws Exception {
    DirectBoot boot =
        new DirectBoot(
            Path.of("/boot/vm,linuz"), Path.of("/boot/initrd"), "console=ttyS0 x=\"a,b\"");
    QemuMachine machine = machine(Accel.TCG, "max", null, null, null, null, boot);
    assertGolden("direct-kernel.txt", binary(false), handle("/data/vms/web", "/data/run"), machine);
  }

  @Test
  void furtherDisksCardsAndForwardsComeAfterAllThatWasThere() throws Exception {
    QemuMachine machine =
        new QemuMachine(
            "pc-q35-7.2",
            Accel.TCG,
            "max",
            1,
            1,
            512,
            512,
            List.of(
                new QemuCard(
                    "0",
                    QemuCard.ANYWHERE,
                    MAC,
                    new QemuNetwork.User(
                        0,
                        2222,
                        List.of(
                            new ForwardSpec(Protocol.TCP, "127.0.0.1", 8080, 80),
                            new ForwardSpec(Protocol.UDP, "0.0.0.0", 5353, 53)))),
                new QemuCard(
                    "-lab",
                    QemuCard.FIRST_PLACE,
                    new MacAddress("52:54:00:00:00:02"),
                    new QemuNetwork.User(1, null, List.of())),
                new QemuCard(
                    "-lan",
                    QemuCard.FIRST_PLACE + 1,
                    new MacAddress("52:54:00:00:00:03"),
                    new QemuNetwork.Tap("vm01234567", "br0")),
                new QemuCard(
                    "1",
                    QemuCard.BESIDE_PLACE,
                    new MacAddress("52:54:00:00:00:04"),
                    new QemuNetwork.Private(
                        "lan", new PrivateNetwork.Meeting("239.1.2.3", 20001)))),
            DISK,
            List.of(
                new DataDisk("data", Path.of("/data/vms/web/disks/data/disk.qcow2")),
                new DataDisk("tools", Path.of("/data/vms/web/disks/tools/disk.qcow2"))),
            List.of(
                new ShareFacts("vmctl0", Path.of("/srv/a,b"), "/mnt/a", true, Via.VIRTIOFS),
                new ShareFacts("vmctl1", Path.of("/srv/c,d"), "/mnt/c", true, Via.PLAN9)),
            SEED,
            null,
            true,
            null);
    assertGolden("devices.txt", binary(true), handle("/data/vms/web", "/data/run"), machine);
  }

  @Test
  void whatIsNoModelNameIsRefused() {
    for (String cpu : List.of("", "max,", "host -device x", "max,accel=\"", "a\nb")) {
      assertThatThrownBy(() -> machine(Accel.TCG, cpu, null, null, null, null, null))
          .as(cpu)
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  /** QEMU ends a value at the first comma that is not doubled. */
  @Property
  void aValueReadBackAsQemuReadsItIsTheValueWritten(@ForAll String value) {
    String option = QemuOption.keyed("socket", "path", value, "server", "on");

    assertThat(option).startsWith("socket,path=").endsWith(",server=on");
    String written =
        option.substring("socket,path=".length(), option.length() - ",server=on".length());
    assertThat(written.replace(",,", "")).doesNotContain(",");
    assertThat(written.replace(",,", ",")).isEqualTo(value);
  }

  @Property
  void aJsonValueComesBackAsItWas(@ForAll String value) throws Exception {
    String json = QemuOption.json("file", QemuOption.map("filename", value));
    JsonNode read = new ObjectMapper().readTree(json);
    assertThat(read.path("file").path("filename").asText()).isEqualTo(value);
  }

  private static QemuMachine machine(
      Accel accel,
      String cpu,
      @Nullable QemuNetwork network,
      @Nullable Path disk,
      @Nullable Path seed,
      @Nullable UefiFirmware firmware,
      @Nullable DirectBoot boot) {
    return new QemuMachine(
        "pc-q35-7.2",
        accel,
        cpu,
        2,
        4,
        1024,
        2048,
        network == null ? List.of() : List.of(new QemuCard("0", QemuCard.ANYWHERE, MAC, network)),
        disk,
        List.of(),
        List.of(),
        seed,
        firmware,
        false,
        boot);
  }

  /** The option that forbids a process to change its user comes before the change. */
  @Test
  void aQemuThatIsToGiveUpRootMayDoSo() {
    QemuMachine machine = machine(Accel.TCG, "max", null, DISK, null, null, null);
    VmHandle vm = handle("/data/vms/web", "/data/run");
    assertThat(QemuCommandLine.of(binary(true), vm, machine, "vmctl"))
        .containsSubsequence("-runas", "vmctl")
        .contains("on,obsolete=deny,spawn=deny,resourcecontrol=deny");
    QemuBinary recent =
        new QemuBinary(Path.of("/usr/bin/qemu"), "", 9, 1, Set.of(), Map.of(), true);
    assertThat(QemuCommandLine.of(recent, vm, machine, "vmctl"))
        .containsSubsequence("-run-with", "user=vmctl");
  }

  private static VmHandle handle(String directory, String run) {
    return new VmHandle(new VmName("web"), UUID_OF_VM, Path.of(directory), Path.of(run), null);
  }

  private static QemuBinary binary(boolean sandbox) {
    Path path = Path.of("/usr/bin/qemu-system-x86_64");
    return new QemuBinary(path, "", 7, 2, Set.of("pc-q35-7.2"), Map.of(), sandbox);
  }

  private static void assertGolden(String name, QemuBinary binary, VmHandle vm, QemuMachine machine)
      throws Exception {
    String written = String.join("\n", QemuCommandLine.of(binary, vm, machine, null)) + "\n";
    try (InputStream golden = QemuCommandLineTest.class.getResourceAsStream(name)) {
      assertThat(golden).as("golden file %s, expected:%n%s", name, written).isNotNull();
      assertThat(written).isEqualTo(new String(golden.readAllBytes(), StandardCharsets.UTF_8));
    }
  }
}
