package dev.vmctl.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmctl.MountedFileSystem;
import dev.vmctl.QemuImg;
import dev.vmctl.disk.Disks.BaseImage;
import dev.vmctl.host.LinuxHostProcesses;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OverlayDisksTest {
  private static final long MEGABYTE = 1L << 20;

  @TempDir Path data;
  private OverlayDisks disks;
  private Path machine;
  private Path overlay;

  @BeforeEach
  void open() throws Exception {
    disks = new OverlayDisks(data, new LinuxHostProcesses(), Clock.systemUTC());
    machine = Files.createDirectories(data.resolve("vms/web"));
    overlay = machine.resolve(Disks.OVERLAY);
  }

  @ParameterizedTest
  @ValueSource(
      longs = {
        MEGABYTE,
        MEGABYTE + 1,
        MEGABYTE + 512,
        10 * MEGABYTE + 511,
        511 * MEGABYTE,
        512 * MEGABYTE,
        512 * MEGABYTE + 512,
        20L * 1_000_000_000,
        1L << 40,
        2L << 40,
        8191 * 512 * MEGABYTE,
        5L << 40
      })
  void anOverlayIsWhatTheToolWouldHaveMade(long size) throws Exception {
    QemuImg.assumeInstalled();
    for (String format : List.of("raw", "qcow2")) {
      Path base = base(format, MEGABYTE);
      Path theirs = data.resolve("theirs-" + format);
      QemuImg.succeed(
          "create", "-q", "-f", "qcow2", "-b", "" + base, "-F", format, "" + theirs, "" + size);
      Path ours = data.resolve("ours-" + format);

      disks.createOverlay(ours, new BaseImage(base, format, MEGABYTE), size);

      QemuImg.check(ours);
      assertThat(QemuImg.info(ours)).isEqualTo(QemuImg.info(theirs));
      assertThat(Files.size(ours)).isEqualTo(Files.size(theirs));
      assertThat(disks.virtualSize(ours)).isEqualTo((size + 511) / 512 * 512);
    }
  }

  @Test
  void anEmptyDiskIsWhatTheToolWouldHaveMade() throws Exception {
    QemuImg.assumeInstalled();
    for (long size : List.of(MEGABYTE, 10L << 30, 2L << 40)) {
      Path theirs = data.resolve("theirs-" + size);
      QemuImg.succeed("create", "-q", "-f", "qcow2", "" + theirs, "" + size);

      disks.createData(machine, "d" + size, null, size);

      Path ours = Disks.data(machine, "d" + size);
      QemuImg.check(ours);
      assertThat(QemuImg.info(ours)).isEqualTo(QemuImg.info(theirs));
    }
  }

  @Test
  void aDataDiskIsKeptAndGrownAndNeverShrunk() throws Exception {
    QemuImg.assumeInstalled();
    disks.createData(machine, "data", rawBase(MEGABYTE), 2 * MEGABYTE);
    disks.createData(machine, "data", rawBase(MEGABYTE), null);
    disks.createData(machine, "data", null, 3 * MEGABYTE);
    assertThat(disks.virtualSize(Disks.data(machine, "data"))).isEqualTo(3 * MEGABYTE);
    assertFails(ErrorCode.DISK_SHRINK, () -> disks.createData(machine, "data", null, MEGABYTE));
  }

  @Test
  void withoutASizeAnOverlayIsAsLargeAsItsBase() throws Exception {
    disks.createOverlay(overlay, rawBase(3 * MEGABYTE), null);

    assertThat(disks.virtualSize(overlay)).isEqualTo(3 * MEGABYTE);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(overlay)))
        .isEqualTo("rw-------");
    assertThat(namesIn(machine)).containsExactly(Disks.OVERLAY);
  }

  @Test
  void anOverlayReadsAsItsBaseAndKeepsWhatIsWritten() throws Exception {
    QemuImg.assumeInstalled();
    Path base = base("raw", MEGABYTE);
    Files.write(
        base,
        "hello".repeat(209_716).substring(0, (int) MEGABYTE).getBytes(StandardCharsets.UTF_8));
    disks.createOverlay(overlay, new BaseImage(base, "raw", MEGABYTE), null);
    QemuImg.succeed("compare", "-f", "qcow2", "-F", "raw", "" + overlay, "" + base);

    Path other = data.resolve("other.raw");
    Files.write(other, new byte[(int) MEGABYTE]);
    QemuImg.succeed(
        "convert", "-n", "--target-is-zero", "-f", "raw", "-O", "qcow2", "" + base, "" + overlay);

    QemuImg.check(overlay);
    QemuImg.succeed("compare", "-f", "qcow2", "-F", "raw", "" + overlay, "" + base);
  }

  @Test
  void aDiskSmallerThanItsBaseIsRefused() throws Exception {
    BaseImage base = rawBase(2 * MEGABYTE);
    assertFails(ErrorCode.DISK_SHRINK, () -> disks.createOverlay(overlay, base, MEGABYTE));
    assertThat(overlay).doesNotExist();
  }

  @Test
  void aGoneBaseIsTold() {
    BaseImage base = new BaseImage(data.resolve("no.raw"), "raw", MEGABYTE);
    assertFails(ErrorCode.DISK_OVERLAY_FAILED, () -> disks.createOverlay(overlay, base, null));
  }

  @Test
  void askingAgainKeepsTheDiskAndGrowsItToTheSizeAskedFor() throws Exception {
    QemuImg.assumeInstalled();
    BaseImage base = rawBase(MEGABYTE);
    disks.createOverlay(overlay, base, 2 * MEGABYTE);
    Object inode = Files.getAttribute(overlay, "unix:ino");
    disks.createOverlay(overlay, base, 2 * MEGABYTE);
    disks.createOverlay(overlay, base, null);
    assertThat(disks.virtualSize(overlay)).isEqualTo(2 * MEGABYTE);

    disks.createOverlay(overlay, base, 3L << 40);

    assertThat(disks.virtualSize(overlay)).isEqualTo(3L << 40);
    assertThat(Files.getAttribute(overlay, "unix:ino")).isEqualTo(inode);
    QemuImg.check(overlay);
    assertFails(ErrorCode.DISK_SHRINK, () -> disks.createOverlay(overlay, base, 2 * MEGABYTE));
  }

  @Test
  void aDiskOnAnotherBaseOrOfAnotherKindIsNeverTouched() throws Exception {
    BaseImage base = rawBase(MEGABYTE);
    disks.createOverlay(overlay, base, null);
    Path other = Files.copy(base.path(), data.resolve("other.raw"));
    byte[] before = Files.readAllBytes(overlay);
    assertFails(
        ErrorCode.DISK_OVERLAY_FAILED,
        () -> disks.createOverlay(overlay, new BaseImage(other, "raw", MEGABYTE), null));
    assertThat(overlay).hasBinaryContent(before);

    Files.writeString(overlay, "not a disk");
    assertFails(ErrorCode.IMAGE_INVALID, () -> disks.createOverlay(overlay, base, null));
    assertThat(overlay).hasContent("not a disk");
  }

  @Test
  void whatACrashedCreationLeftIsOverwritten() throws Exception {
    Files.writeString(overlay.resolveSibling(".overlay.qcow2.new"), "half");
    disks.createOverlay(overlay, rawBase(MEGABYTE), null);
    assertThat(namesIn(machine)).containsExactly(Disks.OVERLAY);
    assertThat(disks.virtualSize(overlay)).isEqualTo(MEGABYTE);
  }

  @Test
  void aFullDiskIsToldApartAndNothingIsLeft() throws Exception {
    BaseImage base = rawBase(MEGABYTE);
    try (MountedFileSystem small = MountedFileSystem.small(data.resolve("small"), "8k")) {
      Path full = small.root().resolve(Disks.OVERLAY);
      assertFails(ErrorCode.DISK_FULL, () -> disks.createOverlay(full, base, null));
      assertThat(namesIn(small.root())).isEmpty();
    }
  }

  @Test
  void aBasePathTooLongForTheFormatIsRefused() throws Exception {
    Path deep = data;
    while (deep.toString().length() < 1100) {
      deep = deep.resolve("d".repeat(200));
    }
    Path base = Files.write(Files.createDirectories(deep).resolve("base"), new byte[512]);
    assertFails(
        ErrorCode.DISK_OVERLAY_FAILED,
        () -> disks.createOverlay(overlay, new BaseImage(base, "raw", 512), null));
  }

  @Test
  void growingKeepsTheContentAndTheImageClean() throws Exception {
    QemuImg.assumeInstalled();
    disks.createOverlay(overlay, rawBase(MEGABYTE), null);
    disks.grow(overlay, 40L << 30);
    disks.grow(overlay, 40L << 30);

    assertThat(disks.virtualSize(overlay)).isEqualTo(40L << 30);
    QemuImg.check(overlay);
    assertFails(ErrorCode.DISK_SHRINK, () -> disks.grow(overlay, MEGABYTE));
  }

  @Test
  void aDiskInUseIsNotGrownButItsSizeIsTold() throws Exception {
    QemuImg.assumeInstalled();
    disks.createOverlay(overlay, rawBase(MEGABYTE), null);
    Process user =
        new ProcessBuilder(
                "qemu-system-x86_64",
                "-machine",
                "none",
                "-nodefaults",
                "-display",
                "none",
                "-S",
                "-blockdev",
                "driver=qcow2,node-name=d,file.driver=file,file.filename=" + overlay,
                "-object",
                "iothread,id=t",
                "-qmp",
                "stdio")
            .redirectError(data.resolve("qemu.log").toFile())
            .start();
    try {
      assertThat(user.inputReader().readLine()).contains("QMP");
      assertFails(ErrorCode.VM_INVALID_STATE, () -> disks.grow(overlay, 2 * MEGABYTE));
      assertThat(disks.virtualSize(overlay)).isEqualTo(MEGABYTE);
    } finally {
      user.destroyForcibly().waitFor();
    }
  }

  @Test
  void aMissingDiskIsTold() {
    assertFails(ErrorCode.DISK_MISSING, () -> disks.virtualSize(overlay));
    assertFails(ErrorCode.DISK_MISSING, () -> disks.grow(overlay, MEGABYTE));
  }

  private BaseImage rawBase(long size) throws Exception {
    return new BaseImage(base("raw", size), "raw", size);
  }

  private Path base(String format, long size) throws Exception {
    Path base = data.resolve("base." + format);
    if (format.equals("qcow2")) {
      QemuImg.succeed("create", "-q", "-f", "qcow2", base.toString(), Long.toString(size));
    } else {
      try (RandomAccessFile file = new RandomAccessFile(base.toFile(), "rw")) {
        file.setLength(size);
      }
    }
    return base;
  }

  private static List<String> namesIn(Path directory) throws Exception {
    try (var files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private static void assertFails(ErrorCode code, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            VmException.class,
            e -> {
              assertThat(e.code()).as(e.getMessage()).isEqualTo(code);
              assertThat(e.help()).isNotEmpty();
            });
  }
}
