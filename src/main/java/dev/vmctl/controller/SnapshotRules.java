package dev.vmctl.controller;

import dev.vmctl.disk.DiskSnapshot;
import dev.vmctl.hypervisor.Hypervisor;
import dev.vmctl.hypervisor.Observation;
import dev.vmctl.model.Capabilities.Capability;
import dev.vmctl.model.DiskSpec;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.Field;
import dev.vmctl.model.LaunchFacts;
import dev.vmctl.model.NearestName;
import dev.vmctl.model.ShareFacts;
import dev.vmctl.model.ShareSpec;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmFields;
import dev.vmctl.model.VmName;
import dev.vmctl.model.VmSpec;
import dev.vmctl.store.Applied;
import dev.vmctl.store.Hold;
import dev.vmctl.store.KeptSnapshot;
import dev.vmctl.store.SnapshotTask;
import dev.vmctl.store.VmRecord;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What may be done with a VM's snapshots and memory, found out before anything is touched. */
final class SnapshotRules {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,62}");

  /** What makes the machine that a guest's memory is of. */
  private static final List<Field<?>> MACHINE =
      List.of(
          VmFields.BACKEND,
          VmFields.VCPUS,
          VmFields.VCPUS_MAX,
          VmFields.MEMORY,
          VmFields.MEMORY_MAX,
          VmFields.NETWORK,
          VmFields.ACCEL,
          VmFields.MACHINE,
          VmFields.CPU,
          VmFields.UEFI,
          VmFields.SECURE_BOOT,
          VmFields.TPM,
          VmFields.DISKS,
          VmFields.NICS,
          VmFields.SHARE);

  private static final long MEBIBYTE = 1 << 20;

  private final EngineParts parts;
  private final DiskFiles files;

  SnapshotRules(EngineParts parts) {
    this.parts = parts;
    this.files = new DiskFiles(parts);
  }

  static void checkName(String name) {
    if (!NAME.matcher(name).matches()) {
      throw new VmException(
          ErrorCode.USAGE,
          "'" + name + "' cannot be the name of a snapshot",
          "use up to 63 letters, digits, dots, hyphens and underscores, a letter or digit first");
    }
  }

  /**
   * @throws VmException backend.capability_missing
   */
  Hypervisor capable(VmRecord record) {
    Hypervisor hypervisor = parts.hypervisors().of(Observing.specThatRuns(record));
    Preflight.require(hypervisor, Capability.SNAPSHOT);
    return hypervisor;
  }

  /**
   * @throws VmException snapshot.unknown, its help naming the near ones
   */
  KeptSnapshot find(VmRecord record, String name) {
    return record.snapshot(name).orElseThrow(() -> unknown(record, name));
  }

  private static VmException unknown(VmRecord record, String name) {
    List<String> names = record.snapshotsOfDisk().stream().map(KeptSnapshot::name).toList();
    List<String> near = NearestName.allNear(name, names);
    boolean elsewhere = record.snapshots().stream().anyMatch(each -> each.name().equals(name));
    return new VmException(
        ErrorCode.SNAPSHOT_UNKNOWN,
        record.name()
            + " has no snapshot '"
            + name
            + "'"
            + (elsewhere ? " on its present disk; the one that has it is in the trash" : ""),
        near.isEmpty()
            ? "'vmctl snapshot list " + record.name() + "' shows those that there are"
            : "did you mean " + String.join(" or ", near) + "?");
  }

  /**
   * @throws VmException vm.invalid_state while something else is to be done with a snapshot
   */
  static void refuseSecond(VmRecord record) {
    SnapshotTask task = record.task();
    if (task != null && task.isPending()) {
      throw new VmException(
          ErrorCode.VM_INVALID_STATE,
          record.name() + " is busy " + task.text(),
          "wait for it: vmctl snapshot list " + record.name());
    }
  }

  /**
   * @throws VmException vm.invalid_state when there is no disk, or its end is not seen to yet
   */
  Applied made(VmRecord record, Observation seen) {
    Applied applied = record.applied();
    if (applied == null || record.removal() != null || !isClear(seen)) {
      throw new VmException(
          ErrorCode.VM_INVALID_STATE,
          record.name()
              + (applied == null
                  ? " has no disk yet"
                  : record.removal() != null
                      ? " is being removed"
                      : " cannot be told to run or not to run now"),
          "see 'vmctl status " + record.name() + "' and try again");
    }
    return applied;
  }

  private static boolean isClear(Observation seen) {
    return switch (seen) {
      case Observation.Absent absent -> true;
      case Observation.Running running -> true;
      case Observation.Suspended suspended -> true;
      case Observation.Exited exited -> false;
      case Observation.Unknown unknown -> false;
    };
  }

  /**
   * Whether the memory of the guest that runs can be kept.
   *
   * @throws VmException backend.capability_missing; disk.full
   */
  void checkMemory(VmRecord record, Applied applied) {
    LaunchFacts facts = applied.facts();
    if (facts == null) {
      return;
    }
    for (ShareFacts share : facts.shares()) {
      if (share.via() != ShareSpec.Via.SFTP) {
        throw new VmException(
            ErrorCode.CAPABILITY_MISSING,
            "the memory of "
                + record.name()
                + " cannot be kept: a directory of the host is shared with its guest by "
                + share.via().text(),
            "take a snapshot with --disk-only, or declare the share with via=\"sftp\"");
      }
    }
    if (!files.of(record).isEmpty()) {
      long most = facts.room() == null ? facts.memoryMb() : facts.room().maxMemoryMb();
      checkSpace(record.name(), "its memory", Math.max(most, facts.memoryMb()) * MEBIBYTE);
    }
  }

  /**
   * @throws VmException disk.full
   */
  void checkSpace(VmName name, String what, long needed) {
    long free = parts.room().freeDiskBytes(parts.data().root());
    if (needed > free) {
      throw new VmException(
          ErrorCode.DISK_FULL,
          name
              + ": there is no room for "
              + what
              + ": it may take "
              + needed / MEBIBYTE
              + " MiB, "
              + parts.data().root()
              + " has "
              + free / MEBIBYTE
              + " left",
          "free some space there, and try again");
    }
  }

  /**
   * Whether a VM can become what it was then.
   *
   * @throws VmException vm.invalid_state when it is not held stopped; disk.missing;
   *     disk.shrink_refused; snapshot.misfit
   */
  void checkRestorable(VmRecord record, KeptSnapshot snapshot, boolean memory, Observation seen) {
    if (!record.isHeld(Hold.Kind.STOPPED) || !(seen instanceof Observation.Absent)) {
      throw new VmException(
          ErrorCode.VM_INVALID_STATE,
          record.name() + " is not held stopped: its disks cannot become what they were",
          "stop it first: vmctl stop " + record.name());
    }
    refuseMemoryLoss(record, "going back to a snapshot");
    for (Path disk : files.of(record, snapshot)) {
      if (!files.has(disk, snapshot.tag())) {
        throw new VmException(
            ErrorCode.DISK_MISSING,
            "the disk " + disk + " does not have the snapshot '" + snapshot.name() + "'",
            "it is another one than then; see 'vmctl trash list' for the one of then");
      }
    }
    checkSizes(record, snapshot);
    if (memory) {
      checkMachine(record, snapshot);
    }
  }

  /**
   * Whether nobody's memory would be lost without a word.
   *
   * @throws VmException vm.invalid_state
   */
  static void refuseMemoryLoss(VmRecord record, String what) {
    if (record.saved().filter(saved -> !saved.unwanted()).isPresent()) {
      throw new VmException(
          ErrorCode.VM_INVALID_STATE,
          record.name() + " has its guest's memory on disk: " + what + " would lose it",
          "let it go on first: vmctl start "
              + record.name()
              + "; or give the memory up: vmctl start "
              + record.name()
              + " --discard-state");
    }
  }

  private void checkSizes(VmRecord record, KeptSnapshot snapshot) {
    List<Path> disks = files.of(record, snapshot);
    VmSpec declared = record.desired().spec();
    for (int number = 0; number < disks.size(); number++) {
      String data = number == 0 ? null : snapshot.dataDisks().get(number - 1);
      Long wanted = data == null ? declared.diskBytes() : declaredSize(declared, data);
      long then =
          parts.disks().snapshots(disks.get(number)).stream()
              .filter(each -> each.tag().equals(snapshot.tag()))
              .mapToLong(DiskSnapshot::virtualSize)
              .findFirst()
              .orElse(0);
      if (wanted != null && wanted < then) {
        throw new VmException(
            ErrorCode.DISK_SHRINK,
            "the disk"
                + (data == null ? "" : " '" + data + "'")
                + " of the snapshot '"
                + snapshot.name()
                + "' has "
                + then
                + " bytes, "
                + wanted
                + " are declared: a disk is never shrunk",
            "declare at least the size that it had");
      }
    }
  }

  private static @Nullable Long declaredSize(VmSpec spec, String disk) {
    return spec.disks().stream()
        .filter(each -> each.name().equals(disk))
        .map(DiskSpec::sizeBytes)
        .filter(Objects::nonNull)
        .findFirst()
        .orElse(null);
  }

  private static void checkMachine(VmRecord record, KeptSnapshot snapshot) {
    // It would be restarted at once to be what is declared, and the memory be gone.
    VmSpec now = record.desired().spec();
    List<DiskSpec> disks = Observing.specThatRuns(record).disks();
    String other =
        MACHINE.stream()
            .filter(
                field ->
                    !Objects.equals(field.effective(now), field.effective(snapshot.spec()))
                        || (field.equals(VmFields.DISKS) && !disks.equals(snapshot.spec().disks())))
            .map(Field::path)
            .collect(Collectors.joining(", "));
    if (!other.isEmpty()) {
      throw new VmException(
          ErrorCode.SNAPSHOT_MISFIT,
          "the memory of the snapshot '"
              + snapshot.name()
              + "' does not fit "
              + record.name()
              + " any more: "
              + other
              + (other.contains(",") ? " are" : " is")
              + " another now",
          "go back to what was declared then, 'vmctl rollback "
              + record.name()
              + " --to "
              + snapshot.generation()
              + "', or restore the disks alone with --disk-only");
    }
  }
}
