package dev.vmctl.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmctl.QemuImg;
import dev.vmctl.disk.Disks.BaseImage;
import dev.vmctl.host.LinuxHostProcesses;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Arrays;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Snapshots within disks, held against what QEMU's own tool sees. */
class InternalSnapshotsTest {
  private static final long MEGABYTE = 1L << 20;

  @TempDir Path data;
  private OverlayDisks disks;
  private Path disk;
  private Path base;

  @BeforeEach
  void make() throws Exception {
    QemuImg.assumeInstalled();
    disks = new OverlayDisks(data, new LinuxHostProcesses(), Clock.systemUTC());
    // A comma means something in QEMU's options.
    disk = Files.createDirectories(data.resolve("vms/a, b")).resolve(Disks.OVERLAY);
    base = data.resolve("base.raw");
    try (RandomAccessFile file = new RandomAccessFile(base.toFile(), "rw")) {
      file.setLength(8 * MEGABYTE);
    }
    disks.createOverlay(disk, new BaseImage(base, "raw", 8 * MEGABYTE), null);
  }

  private void write(int pattern) throws Exception {
    Path raw = data.resolve("pattern-" + pattern);
    byte[] bytes = new byte[(int) MEGABYTE];
    Arrays.fill(bytes, (byte) pattern);
    Files.write(raw, bytes);
    QemuImg.succeed("convert", "-n", "-f", "raw", "-O", "qcow2", "" + raw, "" + disk);
  }

  private void assertHolds(Path file, int pattern) throws Exception {
    Path raw = data.resolve("held.raw");
    QemuImg.succeed("convert", "-f", "qcow2", "-O", "raw", "" + file, "" + raw);
    try (RandomAccessFile opened = new RandomAccessFile(raw.toFile(), "r")) {
      assertThat(opened.readByte()).isEqualTo((byte) pattern);
    }
  }

  @Test
  void theTableIsReadAsTheToolWritesIt() throws Exception {
    assertThat(disks.snapshots(disk)).isEmpty();
    disks.takeSnapshot(disk, "vmctl-one");
    disks.grow(disk, 16 * MEGABYTE);
    disks.takeSnapshot(disk, "vmctl-zwei-ü");
    disks.takeSnapshot(disk, "vmctl-one");
    assertThat(disks.snapshots(disk))
        .containsExactly(
            new DiskSnapshot("vmctl-one", 0, 8 * MEGABYTE),
            new DiskSnapshot("vmctl-zwei-ü", 0, 16 * MEGABYTE));
    disks.deleteSnapshot(disk, "vmctl-one");
    disks.deleteSnapshot(disk, "vmctl-one");
    assertThat(disks.snapshots(disk)).extracting(DiskSnapshot::tag).containsExactly("vmctl-zwei-ü");
    QemuImg.check(disk);
  }

  @Test
  void aRevertBringsBackContentAndSize() throws Exception {
    write(1);
    disks.takeSnapshot(disk, "vmctl-one");
    write(2);
    disks.grow(disk, 16 * MEGABYTE);
    disks.takeSnapshot(disk, "vmctl-two");

    disks.revert(disk, "vmctl-one");
    assertHolds(disk, 1);
    assertThat(disks.virtualSize(disk)).isEqualTo(8 * MEGABYTE);
    disks.revert(disk, "vmctl-two");
    assertHolds(disk, 2);
    assertThat(disks.virtualSize(disk)).isEqualTo(16 * MEGABYTE);
    QemuImg.check(disk);
  }

  @Test
  void aCopyIsADiskOfItsOwnOnTheSameImage() throws Exception {
    write(1);
    disks.takeSnapshot(disk, "vmctl-one");
    write(2);
    Path then = data.resolve("vms/then").resolve(Disks.OVERLAY);
    Path now = data.resolve("vms/now").resolve(Disks.OVERLAY);
    disks.copy(disk, "vmctl-one", then).join();
    disks.copy(disk, null, now).join();
    assertHolds(then, 1);
    assertHolds(now, 2);
    assertThat(QemuImg.info(then).toString()).contains(base.toString());
    assertThat(disks.snapshots(then)).isEmpty();
    disks.copy(disk, null, then).join();
    assertHolds(then, 1);
    assertThatThrownBy(() -> disks.copy(disk, "vmctl-no", data.resolve("x/overlay.qcow2")).join())
        .isInstanceOf(CompletionException.class)
        .hasCauseInstanceOf(VmException.class);
    assertThat(data.resolve("x")).isEmptyDirectory();
  }

  @Test
  void aTableThatIsCutOffIsSaidToBe() throws Exception {
    disks.takeSnapshot(disk, "vmctl-one");
    try (RandomAccessFile file = new RandomAccessFile(disk.toFile(), "rw")) {
      file.seek(64);
      file.writeLong(Files.size(disk) - 8);
    }
    assertThatThrownBy(() -> disks.snapshots(disk))
        .isInstanceOfSatisfying(
            VmException.class, no -> assertThat(no.code()).isEqualTo(ErrorCode.IMAGE_INVALID));
    try (RandomAccessFile file = new RandomAccessFile(disk.toFile(), "rw")) {
      file.seek(60);
      file.writeInt(-1);
    }
    assertThatThrownBy(() -> disks.snapshots(disk)).hasMessageContaining("4294967295 snapshots");
  }
}
