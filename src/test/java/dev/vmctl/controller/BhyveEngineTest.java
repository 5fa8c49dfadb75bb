package dev.vmctl.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.vmctl.api.ImageRemoval;
import dev.vmctl.api.VmStatus;
import dev.vmctl.faults.Area;
import dev.vmctl.faults.Fault;
import dev.vmctl.faults.Seen;
import dev.vmctl.host.ToolResult;
import dev.vmctl.host.fake.FakeBhyve;
import dev.vmctl.host.fake.HostCrash;
import dev.vmctl.hypervisor.LaunchNote;
import dev.vmctl.hypervisor.VmHandle;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.Finding;
import dev.vmctl.model.LaunchFacts;
import dev.vmctl.model.NetworkSpec;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmFields;
import dev.vmctl.model.VmName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** VMs of bhyve on volumes, by the whole engine, on the fake host. */
class BhyveEngineTest {
  private static final VmName WEB = new VmName("web");
  private static final String IMAGE = "rpool/vmctl/images/" + "ab".repeat(16);
  private static final String SNAPSHOT = IMAGE + "@sha256-" + "ab".repeat(32);

  @TempDir Path directory;
  private HostSimulation simulation;

  @BeforeEach
  void start() {
    simulation = new HostSimulation(directory);
  }

  @AfterEach
  void everyCommandLineWasOneTheRealProgramTakes() {
    assertThat(simulation.host.violations).isEmpty();
  }

  private String disk(String vm) {
    return "rpool/vmctl/disks/"
        + vm
        + "-"
        + Objects.requireNonNull(simulation.record(vm).applied())
            .diskId()
            .toString()
            .substring(0, 8);
  }

  private String tap(String vm) {
    return "vt" + simulation.record(vm).uuid().toString().substring(0, 8);
  }

  private void fails(ErrorCode code, String says) {
    simulation.settle();
    assertThat(Objects.requireNonNull(simulation.status("web").failure()))
        .satisfies(
            failure -> {
              assertThat(failure.code()).isEqualTo(code.text());
              assertThat(failure.message()).contains(says);
              assertThat(failure.help()).isNotEmpty();
            });
  }

  /** As a command would print it. */
  private String failure() {
    VmStatus.Failure failure = Objects.requireNonNull(simulation.status("web").failure());
    return "error[%s]: %s\n  help: %s".formatted(failure.code(), failure.message(), failure.help());
  }

  @Test
  void aVmIsMadeAndStartedByExactlyTheseCommands() {
    simulation.up(simulation.vm("web"));
    simulation.untilReady("web");
    String uuid = simulation.record("web").uuid().toString();
    Path devices = directory.resolve("host/zvol");
    String seed = directory.resolve("data/vms/web/seed.iso").toString();
    assertThat(simulation.changes())
        .containsExactly(
            "zfs create -o canmount=off -o mountpoint=none rpool/vmctl/images",
            "zfs create -s -V 1048576 -o dev.vmctl:image=sha256:" + "ab".repeat(32) + " " + IMAGE,
            "zfs snapshot -o dev.vmctl:image=sha256:" + "ab".repeat(32) + " " + SNAPSHOT,
            "zfs create -o canmount=off -o mountpoint=none rpool/vmctl/disks",
            "zfs clone -o dev.vmctl:owner=" + uuid + " " + SNAPSHOT + " " + disk("web"),
            "ifconfig tap create name "
                + tap("web")
                + " description dev.vmctl:owner="
                + uuid
                + " up",
            "ifconfig br0 addm " + tap("web"),
            "/usr/sbin/bhyve -c 1 -m 512M -A -H -P -w -u -U "
                + uuid
                + " -s 0,hostbridge -s 4,virtio-blk,"
                + devices.resolve(disk("web"))
                + " -s 5,virtio-blk,"
                + seed
                + ",ro -s 6,virtio-net,"
                + tap("web")
                + ",mac="
                + simulation.record("web").mac()
                + " -s 7,virtio-rnd -s 29,fbuf,tcp=127.0.0.1:5900 -s 30,xhci,tablet -s 31,lpc -l"
                + " bootrom,"
                + directory.resolve("BHYVE_UEFI.fd")
                + ","
                + directory.resolve("data/vms/web/efivars.fd")
                + " -l com1,/dev/nmdm-web.1A web");
  }

  @Test
  void itIsStoppedByItsPowerButtonAndLeavesNothingButItsDisk() {
    simulation.up(simulation.vm("web"));
    simulation.untilReady("web");
    simulation.changes();
    simulation.vmctl.stop(WEB, Duration.ofSeconds(30));
    simulation.settle();
    assertThat(simulation.changes())
        .containsExactly("kill TERMINATE keeper", "ifconfig " + tap("web") + " destroy");
    assertThat(simulation.host.freebsd.vms).isEmpty();
    assertThat(simulation.disks()).hasSize(1);
    assertThat(simulation.status("web").summary().state()).isEqualTo("stopped");
  }

  @Test
  void aGuestThatDoesNotHearIsUnplugged() {
    simulation.up(simulation.vm("web"));
    simulation.untilReady("web");
    simulation.host.bhyve("web").hearsPowerButton = false;
    simulation.changes();
    simulation.vmctl.stop(WEB, Duration.ofSeconds(10));
    simulation.settle();
    assertThat(simulation.changes())
        .containsExactly(
            "kill TERMINATE keeper",
            "kill TERMINATE keeper",
            "bhyvectl --vm=web --force-poweroff",
            "ifconfig " + tap("web") + " destroy");
    assertThat(simulation.host.running()).isZero();
  }

  @Test
  void twoVmsShareOneImageByClone() {
    simulation.up(simulation.vm("web"), simulation.vm("db"));
    simulation.untilReady("web", "db");
    assertThat(simulation.changes().stream().filter(line -> line.startsWith("zfs create -s")))
        .hasSize(1);
    assertThat(Objects.requireNonNull(simulation.host.zfs.datasets.get(disk("web"))).origin)
        .isEqualTo(SNAPSHOT);
    assertThat(Objects.requireNonNull(simulation.host.zfs.datasets.get(disk("db"))).origin)
        .isEqualTo(SNAPSHOT);
    assertThat(simulation.host.zfs.device(disk("db"))).content().startsWith("a guesta guest");
  }

  @Test
  void aGuestThatRebootsIsNoBusinessOfTheEngine() {
    simulation.up(simulation.vm("web"));
    simulation.untilReady("web");
    FakeBhyve bhyve = simulation.host.bhyve("web");
    bhyve.reboots();
    simulation.settle();
    assertThat(bhyve.runs).isEqualTo(2);
    assertThat(simulation.status("web").restarts()).isZero();
    assertThat(simulation.isReady("web")).isTrue();
  }

  @Test
  void aGuestThatPowersItselfOffStaysOffAndOneThatFaultsComesBack() {
    simulation.up(simulation.vm("web"));
    simulation.untilReady("web");
    simulation.host.bhyve("web").ends(3);
    simulation.untilReady("web");
    assertThat(simulation.status("web").restarts()).isEqualTo(1);
    simulation.host.bhyve("web").ends(1);
    simulation.settle();
    assertThat(simulation.host.running()).isZero();
    assertThat(simulation.taps()).isEmpty();
    assertThat(simulation.status("web").conditions())
        .anySatisfy(condition -> assertThat(condition.reason()).isEqualTo("GuestShutdown"));
    simulation.vmctl.start(WEB);
    simulation.untilReady("web");
  }

  @Test
  void aBhyveThatIsKilledIsHealedOnTheSameDisk() {
    simulation.up(simulation.vm("web"));
    simulation.untilReady("web");
    String disk = disk("web");
    simulation.host.bhyve("web").ends(137);
    simulation.untilReady("web");
    assertThat(disk("web")).isEqualTo(disk);
    assertThat(simulation.status("web").restarts()).isEqualTo(1);
  }

  @Test
  void anEngineThatComesBackAdoptsWhatRunsAlsoWithoutItsKeeper() {
    simulation.up(simulation.vm("web"));
    simulation.untilReady("web");
    simulation.changes();
    simulation.restart();
    simulation.untilReady("web");
    simulation.host.killKeeper("web");
    simulation.restart();
    simulation.untilReady("web");
    assertThat(simulation.changes()).isEmpty();
    simulation.vmctl.stop(WEB, Duration.ofSeconds(10));
    simulation.settle();
    assertThat(simulation.host.running()).isZero();
    assertThat(simulation.host.freebsd.vms).isEmpty();
  }

  @Test
  void aHostThatBootsStartsItsVmsAgain() {
    simulation.up(simulation.vm("web"));
    simulation.untilReady("web");
    simulation.reboot();
    simulation.untilReady("web");
    assertThat(simulation.host.running()).isEqualTo(1);
    assertThat(simulation.status("web").restarts()).isZero();
  }

  @Test
  void aReloadedVmHasAnotherDiskAndTheOldOneComesBackFromTheTrash() {
    simulation.up(simulation.vm("web"));
    simulation.untilReady("web");
    String old = disk("web");
    simulation.vmctl.reload(WEB, false);
    simulation.settle();
    simulation.untilReady("web");
    assertThat(disk("web")).isNotEqualTo(old);
    assertThat(simulation.disks()).containsExactlyInAnyOrder(old, disk("web"));
    simulation.vmctl.stop(WEB, Duration.ofSeconds(10));
    simulation.settle();
    simulation.vmctl.restore(simulation.vmctl.trash().getFirst().id());
    simulation.vmctl.start(WEB);
    simulation.untilReady("web");
    assertThat(disk("web")).isEqualTo(old);
    simulation.vmctl.emptyTrash(List.of());
    assertThat(simulation.disks()).containsExactly(old);
  }

  @Test
  void aDestroyedVmKeepsItsVolumeUntilTheTrashIsEmptied() {
    simulation.up(simulation.vm("web"));
    simulation.untilReady("web");
    String disk = disk("web");
    simulation.vmctl.destroy(WEB, false);
    simulation.settle();
    assertThat(simulation.exists("web")).isFalse();
    assertThat(simulation.disks()).containsExactly(disk);
    assertThat(simulation.taps()).isEmpty();
    simulation.vmctl.emptyTrash(List.of());
    assertThat(simulation.disks()).isEmpty();
    assertThat(simulation.host.zfs.datasets).containsKey(SNAPSHOT);
  }

  @Test
  void theVolumeOfAnImageGoesWhenNothingStandsOnItAnyMore() {
    ImageRemoval prune = new ImageRemoval(List.of(), false);
    simulation.up(simulation.vm("web"));
    simulation.untilReady("web");
    assertThat(simulation.vmctl.remove(prune)).as("web needs it").isEmpty();
    simulation.vmctl.destroy(WEB, false);
    simulation.settle();
    assertThat(simulation.vmctl.remove(prune)).as("a disk in the trash is its clone").isEmpty();
    simulation.vmctl.emptyTrash(List.of());
    simulation.changes();
    assertThat(simulation.vmctl.remove(new ImageRemoval(List.of(), true)))
        .singleElement()
        .satisfies(image -> assertThat(image.path()).isEqualTo(IMAGE));
    assertThat(simulation.changes()).isEmpty();
    assertThat(simulation.vmctl.remove(prune)).hasSize(1);
    assertThat(simulation.changes()).containsExactly("zfs destroy -r " + IMAGE);
    assertThat(simulation.host.zfs.datasets).doesNotContainKeys(IMAGE, SNAPSHOT);
    assertThat(simulation.vmctl.remove(prune)).isEmpty();
  }

  @Test
  void aVolumeThatSomebodyElseHasClonedStays() {
    simulation.up(simulation.vm("web"));
    simulation.untilReady("web");
    simulation.host.zfs.run(List.of("clone", SNAPSHOT, "rpool/theirs"));
    simulation.vmctl.destroy(WEB, true);
    simulation.settle();
    simulation.vmctl.emptyTrash(List.of());
    assertThat(simulation.vmctl.remove(new ImageRemoval(List.of(), false))).isEmpty();
    assertThat(simulation.host.zfs.datasets).containsKeys(IMAGE, SNAPSHOT, "rpool/theirs");
  }

  @Test
  void aLargerDiskIsASetVolsizeAtTheNextStart() {
    simulation.up(simulation.vm("web"));
    simulation.untilReady("web");
    simulation.changes();
    simulation.up(simulation.vm("web", values -> values.put(VmFields.DISK, 64L << 20)));
    simulation.settle();
    simulation.untilReady("web");
    assertThat(simulation.changes()).contains("zfs set volsize=67108864 " + disk("web"));
    simulation.up(simulation.vm("web", values -> values.put(VmFields.DISK, 32L << 20)));
    fails(ErrorCode.DISK_SHRINK, "never shrunk");
    assertThat(simulation.host.running()).isEqualTo(1);
  }

  @Test
  void aGuestIsReachedAtTheAddressThatItsCardWasMetAt() {
    simulation.host.freebsd.meetsGuests = false;
    simulation.up(simulation.vm("web", values -> values.put(VmFields.SSH_USER, "vm")));
    simulation.settle();
    assertThat(simulation.host.running()).isEqualTo(1);
    assertThat(simulation.isReady("web")).isFalse();
    assertThatThrownBy(() -> simulation.vmctl.ssh(WEB))
        .isInstanceOfSatisfying(
            VmException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.IP_DISCOVERY_TIMEOUT))
        .hasMessageContaining(simulation.record("web").mac() + " on br0");
    simulation.host.freebsd.meetsGuests = true;
    // The look at the neighbours is in a thread of its own, in real time.
    await()
        .atMost(Duration.ofSeconds(30))
        .until(
            () -> {
              simulation.settle();
              return simulation.isReady("web");
            });
    assertThat(simulation.vmctl.ssh(WEB).host()).isEqualTo("192.168.7.20");
  }

  @Test
  void theDoctorTellsOfModulesFirmwareBridgesAndTaps() {
    assertThat(simulation.hypervisors().examine())
        .extracting(each -> each.check() + " " + each.result().text() + " " + each.message())
        .containsExactly(
            "bhyve ok available", "bridges ok br0", "tap devices ok come up when they are opened");
    simulation.host.freebsd.modules.remove("nmdm");
    assertThat(simulation.hypervisors().examine())
        .singleElement()
        .satisfies(
            found -> {
              assertThat(found.result()).isEqualTo(Finding.Result.FAIL);
              assertThat(found.help()).contains("kldload nmdm");
            });
  }

  @Test
  @Fault(area = Area.BACKENDS, value = "suspend, which bhyve and propolis cannot do")
  void suspendIsRefusedBeforeAnythingRuns(Seen seen) {
    simulation.up(simulation.vm("web"));
    simulation.untilReady("web");
    simulation.changes();
    assertThatThrownBy(() -> simulation.vmctl.suspend(WEB))
        .isInstanceOfSatisfying(
            VmException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.CAPABILITY_MISSING);
              seen.failed(e);
            })
        .hasMessage("suspend is not supported by bhyve");
    simulation.settle();
    assertThat(simulation.changes()).isEmpty();
    assertThat(simulation.host.running()).isEqualTo(1);
  }

  @Test
  @Fault(area = Area.BACKENDS, value = "a bhyve VM that is not ours has the VM's name")
  void aVmOfTheKernelThatIsNotOursIsNeverTouched(Seen seen) {
    simulation.host.freebsd.addVm("web");
    simulation.up(simulation.vm("web"));
    fails(ErrorCode.BHYVE_FOREIGN, "that vmctl did not start");
    seen.says(failure());
    assertThat(simulation.host.freebsd.vms).containsKey("web");
    assertThat(simulation.host.log).noneMatch(line -> line.startsWith("bhyvectl"));
    simulation.vmctl.destroy(WEB, true);
    simulation.settle();
    assertThat(simulation.exists("web")).isFalse();
    assertThat(simulation.host.freebsd.vms).containsKey("web");
    assertThat(simulation.host.log).noneMatch(line -> line.startsWith("bhyvectl"));
  }

  @Test
  void aVmOfOthersThatCameAfterAStartOfOursWasCutOffIsNotTakenForOurs() {
    simulation.up(simulation.vm("web"));
    simulation.untilReady("web");
    VmHandle handle = simulation.engine.observing().handle(simulation.record("web"));
    LaunchFacts facts = Objects.requireNonNull(handle.facts());
    simulation.vmctl.stop(WEB, Duration.ofSeconds(10));
    simulation.settle();
    // As a crash leaves it between the note and bhyve.
    new LaunchNote().write(handle, facts);
    simulation.host.freebsd.addVm("web");
    simulation.changes();
    simulation.vmctl.start(WEB);
    fails(ErrorCode.BHYVE_FOREIGN, "that vmctl did not start");
    assertThat(simulation.changes()).isEmpty();
    assertThat(simulation.host.freebsd.vms).containsKey("web");
  }

  @Test
  void whatStandsInTheWayHasACodeAndAHelp() {
    simulation.up(
        simulation.vm("web", values -> values.put(VmFields.NETWORK, new NetworkSpec.Tap("br9"))));
    fails(ErrorCode.NETWORK_FAILED, "br9");
    assertThat(simulation.taps()).isEmpty();
    simulation.host.freebsd.upOnOpen = 0;
    simulation.up(simulation.vm("web"));
    fails(ErrorCode.NETWORK_FAILED, "net.link.tap.up_on_open=0");
    simulation.host.freebsd.upOnOpen = 1;
    simulation.host.freebsd.modules.remove("vmm");
    simulation.vmctl.reload(WEB, false);
    fails(ErrorCode.BACKEND_NOT_AVAILABLE, "kernel module vmm");
    simulation.host.freebsd.modules.add("vmm");
    simulation.engine.resync();
    simulation.untilReady("web");
  }

  @Test
  void anInterfaceOrDatasetOfOurNameThatIsNotOursIsLeftAlone() {
    simulation.up(simulation.vm("web"));
    simulation.untilReady("web");
    simulation.vmctl.stop(WEB, Duration.ofSeconds(10));
    simulation.settle();
    simulation.host.freebsd.addBridge(tap("web"));
    simulation.vmctl.start(WEB);
    fails(ErrorCode.NETWORK_FAILED, "is not the tap of web");
    assertThat(Objects.requireNonNull(simulation.host.freebsd.interfaces.get(tap("web"))).group)
        .isEqualTo("bridge");
    simulation.host.freebsd.interfaces.remove(tap("web"));
    simulation.untilReady("web");
  }

  @Test
  @Fault(area = Area.BACKENDS, value = "bhyve does not start")
  void aBhyveThatDoesNotStartSaysWhyAndLeavesNothing(Seen seen) {
    simulation.up(simulation.vm("web"));
    simulation.untilReady("web");
    simulation.vmctl.stop(WEB, Duration.ofSeconds(10));
    simulation.settle();
    simulation.host.zfs.device(disk("web")).toFile().delete();
    simulation.vmctl.start(WEB);
    fails(ErrorCode.BHYVE_START_FAILED, "Could not open backing file");
    seen.calling(disk("web"), "<volume>").says(failure());
    assertThat(simulation.host.running()).isZero();
    assertThat(simulation.taps()).isEmpty();
    assertThat(simulation.host.freebsd.vms).isEmpty();
  }

  @Test
  void aHalfCopiedImageIsNeverTakenForWhole() throws IOException {
    simulation.host.failures.put(
        "zfs snapshot", new ToolResult(1, "", "cannot create snapshot: out of space\n"));
    simulation.up(simulation.vm("web"));
    fails(ErrorCode.DISK_FULL, "out of space");
    Files.writeString(simulation.host.zfs.device(IMAGE), "half of it");
    simulation.host.failures.clear();
    simulation.settle();
    simulation.untilReady("web");
    assertThat(simulation.host.zfs.device(disk("web"))).content().startsWith("a guesta guest");
    assertThat(simulation.changes()).contains("zfs destroy -r " + IMAGE);
  }

  /** Up, an edit, a reload, a stop, a start, a destroy; calls back between them. */
  private static void live(HostSimulation simulation, Runnable between) {
    List<Runnable> life =
        List.of(
            () -> simulation.up(simulation.vm("web")),
            () -> simulation.up(simulation.vm("web", v -> v.put(VmFields.MEMORY, 1024L))),
            () -> simulation.vmctl.reload(WEB, false),
            () -> simulation.vmctl.stop(WEB, Duration.ofSeconds(10)),
            () -> simulation.vmctl.start(WEB),
            () -> simulation.vmctl.destroy(WEB, true));
    for (Runnable step : life) {
      try {
        step.run();
        simulation.settle();
      } catch (HostCrash e) {
        simulation.restart();
        simulation.settle();
      }
      between.run();
    }
  }

  static Stream<Arguments> cuts(@TempDir Path directory) {
    HostSimulation calm = new HostSimulation(directory);
    calm.host.crashAt(-1, false);
    live(calm, () -> {});
    return IntStream.range(0, calm.host.calm())
        .boxed()
        .flatMap(step -> Stream.of(Arguments.of(step, false), Arguments.of(step, true)));
  }

  @ParameterizedTest
  @MethodSource("cuts")
  void aCrashAtAnyCommandLeavesWhatTheNextRunRepairs(int step, boolean after) {
    simulation.host.crashAt(step, after);
    live(
        simulation,
        () -> {
          boolean wanted = simulation.exists("web") && simulation.record("web").holds().isEmpty();
          assertThat(simulation.host.running()).isEqualTo(wanted ? 1 : 0);
          assertThat(simulation.taps()).hasSize(wanted ? 1 : 0);
          assertThat(simulation.host.freebsd.vms).hasSize(wanted ? 1 : 0);
          if (wanted) {
            assertThat(simulation.isReady("web")).isTrue();
            assertThat(simulation.disks()).contains(disk("web"));
          }
        });
    assertThat(simulation.exists("web")).isFalse();
    simulation.vmctl.emptyTrash(List.of());
    simulation.engine.expireTrash();
    assertThat(simulation.disks()).isEmpty();
    assertThat(simulation.host.zfs.datasets).containsKey(SNAPSHOT);
  }
}
