package dev.vmctl.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmctl.faults.Area;
import dev.vmctl.faults.Fault;
import dev.vmctl.faults.Seen;
import dev.vmctl.host.LinuxHostProcesses;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrashTest {
  private static final Duration WEEK = Duration.ofDays(7);
  private static final Instant NOW = Instant.parse("2026-03-04T05:06:07.089Z");
  private static final VmName WEB = new VmName("web");
  private static final UUID DISK = UUID.fromString("12345678-0000-4000-8000-000000000001");
  private static final UUID OTHER_DISK = UUID.fromString("87654321-0000-4000-8000-000000000002");

  @TempDir Path data;
  private Disks disks;
  private Path machine;
  private Path trash;

  @BeforeEach
  void makeAMachine() throws Exception {
    disks = at(NOW);
    trash = data.resolve("trash");
    machine = data.resolve("vms/web");
    fill(machine, "content");
  }

  private Disks at(Instant time) {
    return new OverlayDisks(data, new LinuxHostProcesses(), Clock.fixed(time, ZoneOffset.UTC));
  }

  private static void fill(Path machine, String disk) throws Exception {
    Files.createDirectories(machine);
    Files.writeString(machine.resolve(Disks.OVERLAY), disk);
    Files.writeString(machine.resolve("vm.json"), "{}");
  }

  @Test
  void aWholeVmGoesIntoTheTrashAndComesBack() throws Exception {
    TrashEntry entry = disks.trashVm(WEB, DISK, machine, "Destroyed");

    assertThat(entry.id()).isEqualTo("web-20260304T050607089Z-12345678");
    assertThat(entry.sizeBytes()).isPositive();
    assertThat(machine).doesNotExist();
    assertThat(disks.trash()).containsExactly(entry);
    assertThat(trash.resolve(entry.id()).resolve(Disks.OVERLAY)).hasContent("content");

    disks.restore(entry, machine);
    assertThat(machine.resolve(Disks.OVERLAY)).hasContent("content");
    assertThat(machine.resolve("trash.json")).doesNotExist();
    assertThat(disks.trash()).isEmpty();
    disks.restore(entry, machine);
  }

  @Test
  void aDataDiskGoesIntoTheTrashAloneAndComesBack() throws Exception {
    disks.createData(machine, "data", null, 1L << 20);
    disks.createData(machine, "more", null, 1L << 20);

    TrashEntry entry = disks.trashData(WEB, "data", machine, "Removed").orElseThrow();

    assertThat(entry.dataDisk()).isEqualTo("data");
    assertThat(Disks.data(machine, "data")).doesNotExist();
    assertThat(Disks.data(machine, "more")).exists();
    assertThat(disks.trash()).containsExactly(entry);
    assertThat(disks.trashData(WEB, "data", machine, "Removed")).isEmpty();

    disks.createData(machine, "data", null, 1L << 21);
    assertThatThrownBy(() -> disks.restore(entry, machine)).isInstanceOf(VmException.class);
    disks.trashData(WEB, "data", machine, "Restored");
    disks.restore(entry, machine);
    disks.restore(entry, machine);
    assertThat(disks.virtualSize(Disks.data(machine, "data"))).isEqualTo(1L << 20);
  }

  @Test
  void aWholeVmTakesItsDataDisksAlong() throws Exception {
    disks.createData(machine, "data", null, 1L << 20);
    TrashEntry entry = disks.trashVm(WEB, DISK, machine, "Destroyed");
    disks.restore(entry, machine);
    assertThat(disks.virtualSize(Disks.data(machine, "data"))).isEqualTo(1L << 20);
  }

  @Test
  void trashingAndRestoringAgainChangesNothing() throws Exception {
    TrashEntry entry = disks.trashVm(WEB, DISK, machine, "Destroyed");
    assertThat(at(NOW.plusSeconds(9)).trashVm(WEB, DISK, machine, "Destroyed")).isEqualTo(entry);
    assertThat(disks.trash()).hasSize(1);
  }

  @Test
  void aCrashBetweenDescriptionAndRenameIsMadeGoodByTheNextCall() throws Exception {
    Files.writeString(machine.resolve("trash.json"), "{half");
    TrashEntry entry = disks.trashVm(WEB, DISK, machine, "Destroyed");
    assertThat(disks.trash()).containsExactly(entry);
  }

  @Test
  void aCrashBetweenTheRenameBackAndItsEndIsMadeGoodByTheNextCall() throws Exception {
    TrashEntry entry = disks.trashVm(WEB, DISK, machine, "Destroyed");
    Files.move(trash.resolve(entry.id()), machine);

    disks.restore(entry, machine);

    assertThat(machine.resolve("trash.json")).doesNotExist();
    assertThat(machine.resolve(Disks.OVERLAY)).hasContent("content");
  }

  @Test
  void aLoneDiskGoesIntoTheTrashWithTheRecordAndComesBack() throws Exception {
    TrashEntry entry = disks.trashDisk(WEB, DISK, machine, "Replaced");

    assertThat(machine.resolve("vm.json")).exists();
    assertThat(machine.resolve(Disks.OVERLAY)).doesNotExist();
    assertThat(trash.resolve(entry.id()).resolve("vm.json")).hasContent("{}");
    assertThat(entry.wholeVm()).isFalse();
    assertThat(disks.trashDisk(WEB, DISK, machine, "Replaced")).isEqualTo(entry);

    disks.restore(entry, machine);
    assertThat(machine.resolve(Disks.OVERLAY)).hasContent("content");
    assertThat(disks.trash()).isEmpty();
    disks.restore(entry, machine);
    assertThat(machine.resolve(Disks.OVERLAY)).hasContent("content");
  }

  @Test
  void anEntryMadeBeforeACrashButWithoutItsDiskIsReplaced() throws Exception {
    TrashEntry begun = disks.trashDisk(WEB, DISK, machine, "Replaced");
    Files.move(trash.resolve(begun.id()).resolve(Disks.OVERLAY), machine.resolve(Disks.OVERLAY));

    TrashEntry entry = at(NOW.plusSeconds(60)).trashDisk(WEB, DISK, machine, "Replaced");

    assertThat(disks.trash()).containsExactly(entry);
    assertThat(entry.trashedAt()).isEqualTo(NOW.plusSeconds(60));
    assertThat(trash.resolve(entry.id()).resolve(Disks.OVERLAY)).hasContent("content");
  }

  @Test
  void whatACrashLeftOfTheMakingOfAnEntryGoesWithTheNextTry() throws Exception {
    Path begun = Files.createDirectories(trash.resolve(".new-" + WEB + "-" + DISK));
    Files.writeString(begun.resolve("trash.json"), "{");

    TrashEntry entry = disks.trashDisk(WEB, DISK, machine, "Replaced");

    try (var entries = Files.list(trash)) {
      assertThat(entries).containsExactly(trash.resolve(entry.id()));
    }
  }

  @Test
  void twoEntriesOfOneMomentHaveTheirOwnNames() throws Exception {
    TrashEntry first = disks.trashDisk(WEB, DISK, machine, "Replaced");
    fill(machine, "second");
    TrashEntry second = disks.trashDisk(WEB, DISK, machine, "Replaced");
    assertThat(second.id()).isNotEqualTo(first.id());
    assertThat(disks.trash()).containsExactlyInAnyOrder(first, second);
  }

  @Test
  void whatIsNowhereIsAnError() {
    assertCode(
        ErrorCode.DISK_MISSING,
        () -> disks.trashVm(WEB, DISK, data.resolve("vms/no"), "Destroyed"));
    assertCode(
        ErrorCode.DISK_MISSING,
        () -> disks.trashDisk(WEB, DISK, data.resolve("vms/no"), "Destroyed"));
  }

  @Test
  void nothingIsOverwrittenByARestore() throws Exception {
    TrashEntry vm = disks.trashVm(WEB, DISK, machine, "Destroyed");
    fill(machine, "newer");
    assertCode(ErrorCode.VM_INVALID_STATE, () -> disks.restore(vm, machine));
    TrashEntry disk = disks.trashDisk(WEB, OTHER_DISK, machine, "Replaced");
    fill(machine, "newest");
    assertCode(ErrorCode.VM_INVALID_STATE, () -> disks.restore(disk, machine));
    assertThat(machine.resolve(Disks.OVERLAY)).hasContent("newest");
    assertThat(disks.trash()).containsExactlyInAnyOrder(vm, disk);
  }

  @Test
  void theNewestEntryIsListedFirst() throws Exception {
    TrashEntry old = disks.trashVm(WEB, DISK, machine, "Destroyed");
    fill(machine, "newer");
    TrashEntry recent = at(NOW.plusSeconds(60)).trashVm(WEB, OTHER_DISK, machine, "Removed");
    assertThat(disks.trash()).containsExactly(recent, old);
  }

  @Test
  void entriesThatCannotBeReadAreListedAndNeverExpire() throws Exception {
    Files.createDirectories(trash.resolve("db-20200101T000000000Z-abcdef01"));
    Files.createDirectories(trash.resolve("Some Thing"));
    Files.writeString(trash.resolve("stray"), "x");
    Path newer = Files.createDirectories(trash.resolve("newer"));
    Files.writeString(newer.resolve("trash.json"), "{\"format\":99}");

    assertThat(disks.trash()).hasSize(4).noneMatch(TrashEntry::isReadable);
    assertThat(disks.trash()).anyMatch(entry -> entry.vm().equals(new VmName("db")));
    assertThat(disks.expire(Duration.ZERO)).isEmpty();
    assertThat(disks.trash()).hasSize(4);
    TrashEntry stray =
        disks.trash().stream().filter(e -> e.id().equals("stray")).findFirst().orElseThrow();
    assertCode(ErrorCode.VM_INVALID_STATE, () -> disks.restore(stray, machine));
    disks.purge(stray);
    assertThat(disks.trash()).hasSize(3);
  }

  @Test
  void onlyEntriesOlderThanTheLimitExpire() throws Exception {
    TrashEntry old = disks.trashVm(WEB, DISK, machine, "Destroyed");
    fill(machine, "newer");
    TrashEntry recent = at(NOW.plusSeconds(60)).trashVm(WEB, OTHER_DISK, machine, "Removed");

    for (int hours = 0; hours < 7 * 24; hours++) {
      assertThat(at(NOW.plus(Duration.ofHours(hours))).expire(WEEK)).isEmpty();
    }
    assertThat(at(NOW.plus(WEEK)).expire(WEEK)).containsExactly(old);
    assertThat(disks.trash()).containsExactly(recent);
    assertThat(at(NOW.plus(WEEK).plusSeconds(60)).expire(WEEK)).containsExactly(recent);
  }

  @Test
  @Fault(area = Area.HOST, value = "its clock jumps ahead by years")
  void aClockThatJumpsAheadEmptiesNothing(Seen seen) throws Exception {
    disks.trashVm(WEB, DISK, machine, "Destroyed");
    disks.expire(WEEK);
    Instant future = NOW.plus(Duration.ofDays(20_000));
    for (int minutes = 0; minutes < 60; minutes++) {
      assertThat(at(future.plus(Duration.ofMinutes(minutes))).expire(WEEK)).isEmpty();
    }
    assertThat(at(NOW.plus(Duration.ofHours(2))).expire(WEEK)).as("put right").isEmpty();
    assertThat(disks.trash()).hasSize(1);
    seen.says("what is in the trash stays there for as long as it would have");

    for (int days = 1; days < 7; days++) {
      assertThat(at(NOW.plus(Duration.ofDays(days))).expire(WEEK)).isEmpty();
    }
    assertThat(at(NOW.plus(Duration.ofDays(7))).expire(WEEK)).hasSize(1);
  }

  @Test
  void timeInWhichNobodyLookedCountsAsOneDay() throws Exception {
    disks.trashVm(WEB, DISK, machine, "Destroyed");
    disks.expire(WEEK);
    for (int looks = 1; looks < TrashAge.LOOKS; looks++) {
      assertThat(at(NOW.plus(Duration.ofDays(30L * looks))).expire(WEEK)).isEmpty();
    }
    fill(machine, "newer");
    Instant later = NOW.plus(Duration.ofDays(30L * TrashAge.LOOKS - 3));
    TrashEntry recent = at(later).trashVm(WEB, OTHER_DISK, machine, "Removed");

    assertThat(at(later.plus(Duration.ofDays(3))).expire(WEEK)).hasSize(1);

    assertThat(disks.trash()).containsExactly(recent);
    assertThat(at(later.plus(Duration.ofDays(4))).expire(WEEK)).isEmpty();
  }

  @Test
  void whenItIsNotKnownHowTimePassedItBeginsAnew() throws Exception {
    disks.trashVm(WEB, DISK, machine, "Destroyed");
    disks.expire(WEEK);
    Files.writeString(trash.resolve(".looked.json"), "{\"at\":");
    assertThat(at(NOW.plus(Duration.ofDays(9))).expire(WEEK)).isEmpty();
    assertThat(at(NOW.plus(Duration.ofDays(10))).expire(WEEK)).isEmpty();
    assertThat(disks.trash()).hasSize(1);
  }

  @Test
  void expiryFinishesPurgesThatACrashInterrupted() throws Exception {
    Path half = Files.createDirectories(trash.resolve(".purge-x/deep"));
    Files.writeString(half.resolve("file"), "x");
    assertThat(disks.trash()).isEmpty();
    disks.expire(WEEK);
    assertThat(trash).isEmptyDirectory();
  }

  @Test
  void purgingDeletesLinksButNeverWhatTheyPointTo() throws Exception {
    Path precious = Files.createDirectories(data.resolve("precious"));
    Files.writeString(precious.resolve("file"), "keep");
    Files.createSymbolicLink(machine.resolve("link"), precious);
    Files.createSymbolicLink(machine.resolve("file-link"), precious.resolve("file"));
    TrashEntry entry = disks.trashVm(WEB, DISK, machine, "Destroyed");

    disks.purge(entry);
    disks.purge(entry);

    assertThat(trash).isEmptyDirectory();
    assertThat(precious.resolve("file")).hasContent("keep");
  }

  @Test
  void noIdLeadsOutOfTheTrash() {
    for (String id : List.of("..", "../vms/web", "", ".", "/etc", "a/../../vms/web", "a/b", "x/")) {
      TrashEntry entry = new TrashEntry(id, WEB, DISK, true, null, NOW, "Destroyed", 0);
      assertCode(ErrorCode.USAGE, () -> disks.purge(entry));
      assertCode(ErrorCode.USAGE, () -> disks.restore(entry, data.resolve("vms/new")));
    }
    assertThat(machine.resolve(Disks.OVERLAY)).hasContent("content");
  }

  @Test
  void purgingAVmDeletesItsDirectoryAndNothingElse() {
    disks.purgeVm(machine);
    disks.purgeVm(machine);
    assertThat(machine).doesNotExist();
    assertThat(trash).isEmptyDirectory();
    for (Path wrong : List.of(data, data.resolve("vms"), Path.of("/"), data.resolve("vms/.."))) {
      assertThatThrownBy(() -> disks.purgeVm(wrong)).isInstanceOf(IllegalArgumentException.class);
    }
  }

  private static void assertCode(
      ErrorCode code, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            VmException.class, e -> assertThat(e.code()).as(e.getMessage()).isEqualTo(code));
  }
}
