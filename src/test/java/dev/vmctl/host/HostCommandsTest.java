package dev.vmctl.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmctl.faults.Area;
import dev.vmctl.faults.Fault;
import dev.vmctl.faults.Seen;
import dev.vmctl.host.fake.FakeHost;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.MacAddress;
import dev.vmctl.model.VmException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** ZFS, zones and VNICs, on the fake host. */
class HostCommandsTest {
  private static final UUID WEB = UUID.fromString("6f2c1d34-0b1a-4c3e-9a55-2f7f1f0a9b01");
  private static final ZfsMark OURS = ZfsMark.owner(WEB);
  private static final MacAddress MAC = new MacAddress("52:54:00:05:a0:0b");
  private static final long GIB = 1L << 30;

  @TempDir Path directory;
  private FakeHost host;
  private ZfsDatasets datasets;
  private Zones zones;
  private Vnics vnics;

  @BeforeEach
  void start() {
    host = new FakeHost(directory);
    HostCommands commands = new HostCommands(host);
    datasets = new ZfsDatasets(commands, directory.resolve("zvol"));
    zones = new Zones(commands);
    vnics = new Vnics(commands);
  }

  @AfterEach
  void everyCommandLineWasOneTheRealProgramTakes() {
    assertThat(host.violations).isEmpty();
  }

  private static void fails(ErrorCode code, String says, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            VmException.class,
            e -> {
              assertThat(e.code()).isEqualTo(code);
              assertThat(e.getMessage()).contains(says);
              assertThat(e.help()).isNotEmpty();
            });
  }

  private static ZoneDefinition zone(String name) {
    return new ZoneDefinition(
        name,
        WEB,
        "vmctl",
        Path.of("/zones/a:b/" + name),
        List.of(new ZoneDefinition.Link("web0", "10.0.0.5/24", "10.0.0.1")),
        List.of("/dev/vmm/*", "/dev/vmmctl", "/dev/viona"),
        List.of(),
        Map.of("bootrom", "/opt/OVMF_CODE.fd"));
  }

  private List<String> changes() {
    return host.log.stream()
        .filter(line -> !line.matches("zfs get .*|zoneadm list .*|zonecfg .* info .*|dladm show.*"))
        .toList();
  }

  @Test
  void aVolumeIsMadeSnapshottedClonedGrownAndDestroyedByExactlyTheseCommands() {
    datasets.createFolder("rpool/vmctl");
    datasets.createVolume("rpool/vmctl/base", GIB + 1, ZfsMark.image("sha256:ab"));
    datasets.snapshot("rpool/vmctl/base@whole", ZfsMark.image("sha256:ab"));
    datasets.cloneSnapshot("rpool/vmctl/base@whole", "rpool/vmctl/web", OURS);
    datasets.growVolume("rpool/vmctl/web", 2 * GIB);
    datasets.destroy("rpool/vmctl/web", OURS);
    assertThat(changes())
        .containsExactly(
            "zfs create -o canmount=off -o mountpoint=none rpool/vmctl",
            "zfs create -s -V 1074790400 -o dev.vmctl:image=sha256:ab rpool/vmctl/base",
            "zfs snapshot -o dev.vmctl:image=sha256:ab rpool/vmctl/base@whole",
            "zfs clone -o dev.vmctl:owner=" + WEB + " rpool/vmctl/base@whole rpool/vmctl/web",
            "zfs set volsize=2147483648 rpool/vmctl/web",
            "zfs destroy -r rpool/vmctl/web");
  }

  @Test
  void whatIsAskedForTwiceIsDoneOnce() {
    for (int i = 0; i < 2; i++) {
      datasets.createFolder("rpool/vmctl");
      datasets.createVolume("rpool/vmctl/base", GIB, OURS);
      datasets.snapshot("rpool/vmctl/base@whole", OURS);
      datasets.cloneSnapshot("rpool/vmctl/base@whole", "rpool/vmctl/web", OURS);
      datasets.growVolume("rpool/vmctl/web", 2 * GIB);
      vnics.create("web0", "net0", MAC);
      zones.configure(zone("web"));
      zones.boot("web", WEB);
    }
    assertThat(changes()).doesNotHaveDuplicates().hasSize(9);
    for (int i = 0; i < 2; i++) {
      zones.remove("web", WEB);
      vnics.remove("web0", MAC);
      datasets.destroy("rpool/vmctl/web", OURS);
    }
    assertThat(changes()).doesNotHaveDuplicates();
    assertThat(host.zones.zones).isEmpty();
    assertThat(host.dladm.vnics).isEmpty();
  }

  @Test
  void aMarkThatWasInheritedDoesNotMakeADatasetOurs() {
    Objects.requireNonNull(host.zfs.datasets.get("rpool"))
        .properties
        .put("dev.vmctl:owner", WEB.toString());
    host.zfs.addVolume("rpool/theirs", GIB);
    assertThat(datasets.find("rpool/theirs").orElseThrow().marks()).isEmpty();
    fails(
        ErrorCode.DATASET_FOREIGN,
        "rpool/theirs is not ours",
        () -> datasets.destroy("rpool/theirs", OURS));
    assertThat(host.zfs.datasets).containsKey("rpool/theirs");
  }

  @Test
  @Fault(area = Area.BACKENDS, value = "a ZFS volume is in use")
  void aDatasetInUseIsKeptAndTheErrorSaysWhoseItIs(Seen seen) {
    datasets.createVolume("rpool/web", GIB, OURS);
    host.zfs.open.add("rpool/web");
    fails(
        ErrorCode.DATASET_BUSY,
        "zfs destroy -r rpool/web failed with exit code 1: cannot destroy 'rpool/web': dataset is"
            + " busy",
        () -> datasets.destroy("rpool/web", OURS));
    assertThatThrownBy(() -> datasets.destroy("rpool/web", OURS))
        .isInstanceOfSatisfying(VmException.class, seen::failed);
    host.zfs.open.clear();
    datasets.snapshot("rpool/web@a", OURS);
    datasets.cloneSnapshot("rpool/web@a", "rpool/other", OURS);
    fails(ErrorCode.DATASET_BUSY, "rpool/other", () -> datasets.destroy("rpool/web", OURS));
    assertThat(host.zfs.datasets).containsKeys("rpool/web", "rpool/web@a", "rpool/other");
  }

  @Test
  void aFullPoolAndAMissingParentAreErrorsOfTheirOwn() {
    host.zfs.capacity = GIB;
    fails(
        ErrorCode.DISK_FULL,
        "out of space",
        () -> datasets.createVolume("rpool/web", 2 * GIB, OURS));
    fails(
        ErrorCode.DATASET_MISSING,
        "parent does not exist",
        () -> datasets.createVolume("rpool/none/web", GIB, OURS));
    fails(
        ErrorCode.DATASET_MISSING,
        "no such pool 'tank'",
        () -> datasets.createVolume("tank/web", GIB, OURS));
    fails(
        ErrorCode.DATASET_MISSING,
        "there is no dataset",
        () -> datasets.growVolume("rpool/web", GIB));
  }

  @Test
  void aCloneOfAnotherBaseIsNotTakenForOurs() {
    datasets.createVolume("rpool/base", GIB, OURS);
    datasets.snapshot("rpool/base@a", OURS);
    datasets.snapshot("rpool/base@b", OURS);
    datasets.cloneSnapshot("rpool/base@a", "rpool/web", OURS);
    fails(
        ErrorCode.DATASET_FOREIGN,
        "no clone of rpool/base@b",
        () -> datasets.cloneSnapshot("rpool/base@b", "rpool/web", OURS));
  }

  @Test
  void aTreeIsListedWithSizesOriginsAndMarks() {
    datasets.createVolume("rpool/base", GIB, OURS);
    datasets.snapshot("rpool/base@a", OURS);
    datasets.cloneSnapshot("rpool/base@a", "rpool/web", OURS);
    assertThat(datasets.tree("rpool"))
        .containsExactly(
            new ZfsDataset("rpool", ZfsDataset.Kind.FILESYSTEM, 0, 0, "", Map.of()),
            new ZfsDataset(
                "rpool/base",
                ZfsDataset.Kind.VOLUME,
                GIB,
                57344,
                "",
                Map.of("owner", WEB.toString())),
            new ZfsDataset(
                "rpool/base@a",
                ZfsDataset.Kind.SNAPSHOT,
                GIB,
                0,
                "",
                Map.of("owner", WEB.toString())),
            new ZfsDataset(
                "rpool/web",
                ZfsDataset.Kind.VOLUME,
                GIB,
                57344,
                "rpool/base@a",
                Map.of("owner", WEB.toString())));
    assertThat(datasets.tree("rpool/none")).isEmpty();
  }

  @Test
  void aZoneIsConfiguredInstalledBootedAndRemovedByExactlyTheseCommands() {
    vnics.create("web0", "net0", MAC);
    zones.configure(zone("web"));
    zones.boot("web", WEB);
    zones.remove("web", WEB);
    vnics.remove("web0", MAC);
    assertThat(changes())
        .containsExactly(
            "dladm create-vnic -t -l net0 -m 52:54:00:05:a0:0b web0",
            "zonecfg -z web create -b; set brand=\"vmctl\"; set zonepath=\"/zones/a:b/web\"; "
                + "set autoboot=false; set ip-type=exclusive; "
                + "add net; set physical=\"web0\"; set allowed-address=\"10.0.0.5/24\"; "
                + "set defrouter=\"10.0.0.1\"; end; "
                + "add device; set match=\"/dev/vmm/*\"; end; "
                + "add device; set match=\"/dev/vmmctl\"; end; "
                + "add device; set match=\"/dev/viona\"; end; "
                + "add attr; set name=vmctl-owner; set type=string; set value=\""
                + WEB
                + "\"; end; "
                + "add attr; set name=bootrom; set type=string; "
                + "set value=\"/opt/OVMF_CODE.fd\"; end; verify; commit",
            "zoneadm -z web install",
            "zoneadm -z web boot",
            "zoneadm -z web halt",
            "zoneadm -z web uninstall -F",
            "zonecfg -z web delete -F",
            "dladm delete-vnic -t web0");
  }

  @Test
  void aZonePathWithColonsIsReadAsItIs() {
    vnics.create("web0", "net0", MAC);
    zones.configure(zone("web"));
    assertThat(zones.find("web"))
        .get()
        .satisfies(
            zone -> {
              assertThat(zone.path()).isEqualTo(Path.of("/zones/a:b/web"));
              assertThat(zone.state()).isEqualTo(ZoneState.CONFIGURED);
              assertThat(zone.ipType()).isEqualTo("excl");
              assertThat(zone.id()).isEmpty();
            });
    assertThat(zones.find("global").orElseThrow().id()).hasValue(0);
    assertThat(zones.owner("web")).contains(WEB);
    assertThat(zones.attribute("web", "bootrom")).contains("/opt/OVMF_CODE.fd");
  }

  @Test
  void aZoneThatIsNotOursIsNeverTouched() {
    host.zones.add("web", "running", "/zones/web");
    fails(ErrorCode.ZONE_FOREIGN, "was not made by vmctl", () -> zones.configure(zone("web")));
    fails(ErrorCode.ZONE_FOREIGN, "was not made by vmctl", () -> zones.boot("web", WEB));
    fails(ErrorCode.ZONE_FOREIGN, "was not made by vmctl", () -> zones.halt("web", WEB));
    fails(ErrorCode.ZONE_FOREIGN, "was not made by vmctl", () -> zones.remove("web", WEB));
    assertThat(changes()).isEmpty();
    assertThat(Objects.requireNonNull(host.zones.zones.get("web")).state).isEqualTo("running");
  }

  @Test
  void aZoneInAForeignStateSaysWhichAndAnIncompleteOneIsRepaired() {
    vnics.create("web0", "net0", MAC);
    zones.configure(zone("web"));
    Objects.requireNonNull(host.zones.zones.get("web")).state = "mounted";
    fails(ErrorCode.ZONE_STATE, "web is mounted", () -> zones.boot("web", WEB));
    fails(ErrorCode.ZONE_STATE, "web is mounted", () -> zones.remove("web", WEB));
    Objects.requireNonNull(host.zones.zones.get("web")).state = "shutting_down";
    fails(ErrorCode.ZONE_STATE, "web is shutting_down", () -> zones.boot("web", WEB));
    Objects.requireNonNull(host.zones.zones.get("web")).state = "incomplete";
    zones.boot("web", WEB);
    assertThat(Objects.requireNonNull(host.zones.zones.get("web")).state).isEqualTo("running");
    Objects.requireNonNull(host.zones.zones.get("web")).state = "down";
    zones.remove("web", WEB);
    assertThat(host.zones.zones).isEmpty();
  }

  @Test
  void aZoneWithoutItsVnicDoesNotBootAndSaysWhy() {
    zones.configure(zone("web"));
    fails(
        ErrorCode.HOST_COMMAND_FAILED,
        "unable to hold network interface 'web0'",
        () -> zones.boot("web", WEB));
  }

  @Test
  void aVnicNameThatIsTakenIsLeftToItsOwner() {
    vnics.create("web0", "net0", new MacAddress("52:54:00:00:00:01"));
    fails(ErrorCode.VNIC_TAKEN, "52:54:00:00:00:01", () -> vnics.create("web0", "net0", MAC));
    fails(ErrorCode.VNIC_TAKEN, "52:54:00:00:00:01", () -> vnics.remove("web0", MAC));
    fails(ErrorCode.VNIC_TAKEN, "object already exists", () -> vnics.create("net0", "net0", MAC));
    fails(ErrorCode.NETWORK_FAILED, "net9", () -> vnics.create("web1", "net9", MAC));
    fails(ErrorCode.VMFILE_VALIDATION, "web-zero", () -> vnics.create("web-zero", "net0", MAC));
    assertThat(host.dladm.vnics).containsOnlyKeys("web0");
  }

  @Test
  void aVnicThatAZoneHoldsIsNotRemoved() {
    vnics.create("web0", "net0", MAC);
    zones.configure(zone("web"));
    zones.boot("web", WEB);
    fails(ErrorCode.HOST_COMMAND_FAILED, "link busy", () -> vnics.remove("web0", MAC));
  }

  @Test
  void whatACommandSaidIsInItsError() {
    host.failures.put("zoneadm list", new ToolResult(1, "", "zoneadm: only a privileged user…\n"));
    fails(
        ErrorCode.HOST_COMMAND_FAILED,
        "zoneadm list -cip failed with exit code 1: zoneadm: only a privileged user…",
        () -> zones.list());
    host.failures.put("zoneadm list", new ToolResult(0, "0:global:running\n", ""));
    fails(ErrorCode.HOST_COMMAND_FAILED, "in words we do not know", () -> zones.list());
    host.failures.put("zfs get", new ToolResult(0, "a line\n", ""));
    fails(ErrorCode.HOST_COMMAND_FAILED, "in words we do not know", () -> datasets.find("rpool"));
  }
}
