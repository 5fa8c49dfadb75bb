package dev.vmctl.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmctl.host.LinuxHostProcesses;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Disks that stay where others have made them. */
class LinkedDisksTest {
  private static final VmName WEB = new VmName("web");
  private static final UUID DISK = new UUID(1, 2);

  @TempDir Path root;
  private Disks disks;
  private Path machine;
  private Path theirs;

  @BeforeEach
  void make() throws Exception {
    Path place = root.toRealPath();
    disks = new OverlayDisks(place.resolve("data"), new LinuxHostProcesses(), Clock.systemUTC());
    machine = place.resolve("data/vms/web");
    Path base = Files.createDirectories(place.resolve("srv")).resolve("base.qcow2");
    disks.createData(place.resolve("made"), "one", null, 1L << 20);
    Files.copy(Disks.data(place.resolve("made"), "one"), base);
    theirs = place.resolve("srv/web.qcow2");
    // Its base is named from where it is.
    new ProcessBuilder(
            "qemu-img",
            "create",
            "-q",
            "-f",
            "qcow2",
            "-b",
            "base.qcow2",
            "-F",
            "qcow2",
            theirs.toString())
        .start()
        .waitFor();
  }

  private Path overlay() {
    return machine.resolve(Disks.OVERLAY);
  }

  @Test
  void aHypervisorOpensTheFileItselfAndItGrowsWhereItIs() {
    disks.link(machine, theirs, false);
    disks.link(machine, theirs, false);

    assertThat(disks.attachment(overlay())).isEqualTo(theirs);
    assertThat(disks.linked(machine)).containsEntry(Disks.OVERLAY, theirs).hasSize(1);
    disks.grow(overlay(), 2L << 20);
    assertThat(disks.virtualSize(theirs)).isEqualTo(2L << 20);
    assertThat(disks.examine(theirs).base()).isEqualTo(theirs.resolveSibling("base.qcow2"));
  }

  @Test
  void theTrashTakesTheNameAndGivesItBackAndTheFileNeverMoves() throws Exception {
    disks.link(machine, theirs, false);
    byte[] content = Files.readAllBytes(theirs);

    TrashEntry disk = disks.trashDisk(WEB, DISK, machine, "Replaced");
    assertThat(disks.exists(overlay())).isFalse();
    disks.restore(disk, machine);
    assertThat(disks.attachment(overlay())).isEqualTo(theirs);

    TrashEntry whole = disks.trashVm(WEB, DISK, machine, "Destroyed");
    disks.purge(whole);
    disks.link(machine, theirs, false);
    disks.purgeVm(machine);
    assertThat(Files.readAllBytes(theirs)).isEqualTo(content);
  }

  @Test
  void anotherDiskThatIsThereIsNotReplaced() throws Exception {
    Files.createDirectories(machine);
    Files.writeString(overlay(), "ours");
    assertThatThrownBy(() -> disks.link(machine, theirs, false))
        .isInstanceOf(VmException.class)
        .hasMessageContaining("there is another disk already");
    assertThat(overlay()).hasContent("ours");
  }

  @Test
  void aRawDiskIsNamedSo() throws Exception {
    Path raw = Files.write(theirs.resolveSibling("web.raw"), new byte[4096]);
    disks.link(machine, raw, true);
    assertThat(disks.attachment(overlay())).isEqualTo(machine.resolve("disk.raw"));
    assertThat(disks.virtualSize(overlay())).isEqualTo(4096);
  }
}
