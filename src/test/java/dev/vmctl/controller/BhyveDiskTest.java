package dev.vmctl.controller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmctl.api.ImageRemoval;
import dev.vmctl.host.ToolResult;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmFields;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The volumes of bhyve VMs: cloned from an image, grown, thrown away and brought back. */
class BhyveDiskTest extends BhyveFixture {
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
}
