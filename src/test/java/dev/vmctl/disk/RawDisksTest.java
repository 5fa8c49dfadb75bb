package dev.vmctl.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmctl.QemuImg;
import dev.vmctl.host.HostCommands;
import dev.vmctl.host.LinuxHostLocks;
import dev.vmctl.host.LinuxHostProcesses;
import dev.vmctl.host.ZfsDatasets;
import dev.vmctl.host.fake.FakeHost;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Disks without overlays: files, and volumes on the fake host. */
class RawDisksTest {
  private static final VmName WEB = new VmName("web");
  private static final String DIGEST = "sha256:" + "0123456789abcdef".repeat(4);
  private static final long MIB = 1 << 20;

  @TempDir Path data;
  private Path machine;
  private Path base;
  private FakeHost host;
  private final UUID owner = UUID.randomUUID();
  private final UUID disk = UUID.randomUUID();

  @BeforeEach
  void start() throws IOException {
    machine = Files.createDirectories(data.resolve("vms/web"));
    base = data.resolve("base");
    byte[] content = new byte[(int) (3 * MIB)];
    content[0] = 1;
    content[(int) (2 * MIB + 5)] = 2;
    Files.write(base, content);
    host = new FakeHost(data.resolve("host"));
  }

  private OverlayDisks disks(boolean volumes) {
    RawDisks raw =
        volumes
            ? RawDisks.asVolumes(
                new VolumeStore(
                    new ZfsDatasets(new HostCommands(host), data.resolve("host/zvol")),
                    "rpool",
                    new LinuxHostLocks(new LinuxHostProcesses()),
                    data))
            : RawDisks.asFiles();
    return new OverlayDisks(data, new LinuxHostProcesses(), Clock.systemUTC(), raw, Runnable::run);
  }

  private RawDiskRequest request(String format, @Nullable Long size) {
    return new RawDiskRequest(
        WEB, owner, disk, machine, new Disks.BaseImage(base, format, 3 * MIB), DIGEST, size);
  }

  private Path overlay() {
    return machine.resolve(Disks.OVERLAY);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aDiskIsMadeOnceAndHasTheImagesContentAndTheSizeAskedFor(boolean volumes) throws Exception {
    OverlayDisks disks = disks(volumes);
    RawDiskRequest request = request("raw", 8 * MIB);
    List<Long> progress = new ArrayList<>();
    assertThat(disks.hasRaw(request)).isFalse();
    assertThat(disks.exists(overlay())).isFalse();
    disks.createRaw(request, (done, total) -> progress.add(done * 100 / total)).join();
    assertThat(disks.hasRaw(request)).isTrue();
    assertThat(disks.exists(overlay())).isTrue();
    assertThat(progress).isSorted().endsWith(100L);
    Path attached = disks.attachment(overlay());
    assertThat(Files.size(attached)).isEqualTo(8 * MIB).isEqualTo(disks.virtualSize(overlay()));
    assertThat(Files.mismatch(attached, base)).isEqualTo(3 * MIB);
    Files.writeString(attached, "what the guest wrote");
    disks.createRaw(request, (done, total) -> {}).join();
    assertThat(attached).content().startsWith("what the guest wrote");
    disks.grow(overlay(), 16 * MIB);
    assertThat(disks.virtualSize(overlay())).isEqualTo(16 * MIB);
    assertThatThrownBy(() -> disks.grow(overlay(), 8 * MIB))
        .isInstanceOfSatisfying(
            VmException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.DISK_SHRINK));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aDiskGoesToTheTrashAndComesBackAndIsGoneWhenThatIsEmptied(boolean volumes) {
    OverlayDisks disks = disks(volumes);
    disks.createRaw(request("raw", null), (done, total) -> {}).join();
    Path attached = disks.attachment(overlay());
    TrashEntry entry = disks.trashDisk(WEB, disk, machine, "Replaced");
    assertThat(disks.exists(overlay())).isFalse();
    disks.restore(entry, machine);
    assertThat(disks.attachment(overlay())).isEqualTo(attached).exists();
    TrashEntry whole = disks.trashVm(WEB, disk, machine, "Destroyed");
    assertThat(machine).doesNotExist();
    disks.purge(whole);
    assertThat(attached).doesNotExist();
    assertThat(host.zfs.datasets.keySet()).noneMatch(name -> name.startsWith("rpool/disks/"));
    assertThat(host.violations).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aQcowImageIsUnpackedOnTheWay(boolean volumes) throws Exception {
    QemuImg.assumeInstalled();
    Path packed = data.resolve("base.qcow2");
    QemuImg.succeed(
        "convert", "-c", "-f", "raw", "-O", "qcow2", base.toString(), packed.toString());
    Path raw = base;
    base = packed;
    OverlayDisks disks = disks(volumes);
    disks.createRaw(request("qcow2", null), (done, total) -> {}).join();
    assertThat(Files.mismatch(disks.attachment(overlay()), raw)).isEqualTo(-1);
  }

  @Test
  void aDiskSmallerThanItsImageIsRefused() {
    assertThatThrownBy(() -> disks(true).createRaw(request("raw", MIB), (done, total) -> {}).join())
        .isInstanceOf(CompletionException.class)
        .cause()
        .isInstanceOfSatisfying(
            VmException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.DISK_SHRINK));
    assertThat(host.log).isEmpty();
  }

  @Test
  void aDatasetOfOthersInTheWayIsLeftAloneAlsoByThePurge() {
    OverlayDisks disks = disks(true);
    disks.createRaw(request("raw", null), (done, total) -> {}).join();
    String volume = "rpool/disks/web-" + disk.toString().substring(0, 8);
    Objects.requireNonNull(host.zfs.datasets.get(volume)).properties.clear();
    assertThat(disks.hasRaw(request("raw", null))).isFalse();
    assertThatThrownBy(() -> disks.createRaw(request("raw", null), (done, total) -> {}).join())
        .cause()
        .isInstanceOfSatisfying(
            VmException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.DATASET_FOREIGN));
    disks.purgeVm(machine);
    assertThat(host.zfs.datasets).containsKey(volume);
  }

  @Test
  void aVolumeThatIsInUseIsDestroyedLater() throws IOException {
    OverlayDisks disks = disks(true);
    disks.createRaw(request("raw", null), (done, total) -> {}).join();
    String volume = "rpool/disks/web-" + disk.toString().substring(0, 8);
    host.zfs.open.add(volume);
    assertThatThrownBy(() -> disks.purgeVm(machine))
        .isInstanceOfSatisfying(
            VmException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.DATASET_BUSY));
    assertThat(machine).doesNotExist();
    host.zfs.open.clear();
    disks.expire(Duration.ZERO);
    assertThat(host.zfs.datasets).doesNotContainKey(volume);
  }

  @Test
  void aVolumeWithoutAPlaceForVolumesIsAnErrorNotAMissingDisk() {
    disks(true).createRaw(request("raw", null), (done, total) -> {}).join();
    assertThatThrownBy(() -> disks(false).virtualSize(overlay()))
        .isInstanceOfSatisfying(
            VmException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.DATASET_MISSING);
              assertThat(e.help()).contains("VMCTL_ZFS_DATASET");
            });
  }
}
