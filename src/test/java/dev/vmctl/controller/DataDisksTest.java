package dev.vmctl.controller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmctl.disk.Disks;
import dev.vmctl.disk.TrashEntry;
import dev.vmctl.model.DiskSpec;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmFields;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Under virtual time, in a world of fakes. */
class DataDisksTest extends SimulationFixture {
  private static final Path TOOLS = Path.of("/images/tools.qcow2");

  @BeforeEach
  void start() {
    simulation.world.images.present.add(TOOLS.toString());
  }

  private void declare(DiskSpec... disks) {
    simulation.declare(Simulation.vm("web", values -> values.put(VmFields.DISKS, List.of(disks))));
    simulation.timeline.pass(Duration.ofSeconds(10));
  }

  private static DiskSpec sized(String name, long size) {
    return new DiskSpec(name, size, null, null);
  }

  private static DiskSpec imaged(String name, Path image) {
    return new DiskSpec(name, null, image, null);
  }

  private @Nullable FakeDisk disk(String name) {
    return simulation.world.disks.files.get(Disks.data(directory.resolve("vms/web"), name));
  }

  @Test
  void disksAreMadeBeforeTheFirstStart() {
    declare(sized("data", 10), imaged("tools", TOOLS));
    simulation.untilReady("web");
    assertThat(Objects.requireNonNull(disk("data")).size).isEqualTo(10);
    assertThat(disk("tools")).isNotNull();
    assertThat(simulation.events()).containsOnlyOnce("Started");
  }

  @Test
  void aDiskThatIsDeclaredLaterIsMadeAtARestartOnTheSameRootDisk() {
    declare();
    simulation.untilReady("web");
    UUID root = simulation.disk("web");
    declare(imaged("tools", TOOLS));
    simulation.untilReady("web");
    assertThat(disk("tools")).isNotNull();
    assertThat(simulation.disk("web")).isEqualTo(root);
    assertThat(simulation.status("web").observedGeneration()).isEqualTo(2);
  }

  @Test
  void aGrownDiskIsTheSameDisk() {
    declare(sized("data", 10));
    simulation.untilReady("web");
    FakeDisk before = Objects.requireNonNull(disk("data"));
    declare(sized("data", 20));
    simulation.untilReady("web");
    assertThat(disk("data")).isSameAs(before);
    assertThat(before.size).isEqualTo(20);
  }

  @Test
  void aShrunkDiskIsRefusedBeforeTheGuestIsStopped() {
    declare(sized("data", 10));
    simulation.untilReady("web");
    long pid = simulation.process("web").facts.pid();
    declare(sized("data", 5));
    simulation.timeline.pass(Duration.ofMinutes(1));
    assertThat(simulation.process("web").facts.pid()).isEqualTo(pid);
    assertThat(simulation.failure("web").code()).isEqualTo(ErrorCode.DISK_SHRINK.text());
    assertThat(Objects.requireNonNull(disk("data")).size).isEqualTo(10);
  }

  @Test
  void aDiskThatIsDeclaredNoMoreIsInTheTrash() {
    declare(sized("data", 10), sized("more", 10));
    simulation.untilReady("web");
    declare(sized("more", 10));
    simulation.untilReady("web");
    assertThat(disk("data")).isNull();
    assertThat(disk("more")).isNotNull();
    assertThat(simulation.world.disks.trash)
        .singleElement()
        .extracting(TrashEntry::dataDisk)
        .isEqualTo("data");
    assertThat(simulation.events()).contains("DiskTrashed");
  }

  @Test
  void aDiskThatBeginsAsAnotherImageIsMadeAnewAndTheOldOneIsInTheTrash() {
    declare(sized("tools", 10));
    simulation.untilReady("web");
    FakeDisk before = Objects.requireNonNull(disk("tools"));
    declare(imaged("tools", TOOLS));
    simulation.untilReady("web");
    assertThat(disk("tools")).isNotNull().isNotSameAs(before);
    assertThat(simulation.world.disks.trash)
        .extracting(TrashEntry::dataDisk)
        .containsExactly("tools");
  }

  @Test
  void aNewRootDiskLeavesTheOthersAsTheyAre() {
    declare(sized("data", 10));
    simulation.untilReady("web");
    FakeDisk before = Objects.requireNonNull(disk("data"));
    UUID root = simulation.disk("web");
    simulation.vmctl.reload(WEB, true);
    simulation.untilReady("web");
    assertThat(simulation.disk("web")).isNotEqualTo(root);
    assertThat(disk("data")).isSameAs(before);
    assertThat(simulation.world.disks.trash).extracting(TrashEntry::diskId).containsExactly(root);
  }

  @Test
  void aDiskThatIsGoneIsToldAndNeverMadeAnewSilently() {
    declare(sized("data", 10));
    simulation.untilReady("web");
    simulation.vmctl.stop(WEB, Duration.ofSeconds(5));
    simulation.timeline.pass(Duration.ofSeconds(30));
    simulation.world.disks.files.remove(Disks.data(directory.resolve("vms/web"), "data"));
    simulation.vmctl.start(WEB);
    simulation.timeline.pass(Duration.ofSeconds(30));
    assertThat(simulation.failure("web").code()).isEqualTo(ErrorCode.DISK_MISSING.text());
    assertThat(disk("data")).isNull();
  }

  @Test
  void aDiskBackFromTheTrashIsUsedWhenItIsDeclaredAgain() {
    declare(sized("data", 10));
    simulation.untilReady("web");
    FakeDisk first = Objects.requireNonNull(disk("data"));
    declare();
    simulation.untilReady("web");
    simulation.vmctl.stop(WEB, Duration.ofSeconds(5));
    simulation.timeline.pass(Duration.ofSeconds(30));
    simulation.world.disks.kept.put(simulation.world.disks.trash.getFirst().id(), first);
    simulation.vmctl.restore(simulation.world.disks.trash.getFirst().id());
    declare(sized("data", 10));
    simulation.vmctl.start(WEB);
    simulation.untilReady("web");
    assertThat(disk("data")).isSameAs(first);
    assertThat(simulation.world.disks.trash).isEmpty();
  }

  @Test
  void anImageThatIsMissingIsToldBeforeTheGuestIsStopped() {
    declare();
    simulation.untilReady("web");
    long pid = simulation.process("web").facts.pid();
    declare(imaged("tools", Path.of("/images/no.qcow2")));
    simulation.timeline.pass(Duration.ofMinutes(1));
    assertThat(simulation.process("web").facts.pid()).isEqualTo(pid);
    assertThat(simulation.status("web").failure()).isNotNull();
  }
}
