package dev.vmctl.controller;

import dev.vmctl.disk.DiskSnapshot;
import dev.vmctl.disk.Disks;
import dev.vmctl.model.Capabilities.Capability;
import dev.vmctl.store.Applied;
import dev.vmctl.store.KeptSnapshot;
import dev.vmctl.store.VmRecord;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The disks that a VM was made with, as files, and the snapshots that those have within. */
final class DiskFiles {
  private final EngineParts parts;

  DiskFiles(EngineParts parts) {
    this.parts = parts;
  }

  /** The root disk first; none where its backend has none. */
  List<Path> of(VmRecord record) {
    Applied applied = record.applied();
    return applied == null
        ? List.of()
        : of(record, applied.spec().disks().stream().map(disk -> disk.name()).toList());
  }

  /** Those that a snapshot is of. */
  List<Path> of(VmRecord record, KeptSnapshot snapshot) {
    return of(record, snapshot.dataDisks());
  }

  private List<Path> of(VmRecord record, List<String> dataDisks) {
    if (!hasDisks(record)) {
      return List.of();
    }
    Path directory = parts.data().vm(record.name());
    List<Path> files = new ArrayList<>(List.of(directory.resolve(Disks.OVERLAY)));
    dataDisks.forEach(name -> files.add(Disks.data(directory, name)));
    return files;
  }

  private boolean hasDisks(VmRecord record) {
    return parts
        .hypervisors()
        .of(Observing.specThatRuns(record))
        .capabilities()
        .has(Capability.DISK);
  }

  /** Whether all of these have it: one that is begun is not there before the last has it. */
  boolean have(List<Path> files, String tag) {
    return files.stream().allMatch(file -> has(file, tag));
  }

  boolean has(Path file, String tag) {
    return parts.disks().exists(file)
        && parts.disks().snapshots(file).stream().anyMatch(each -> each.tag().equals(tag));
  }

  /** Size of the memory that is kept under this tag; 0 for none. */
  long memoryBytes(List<Path> files, String tag) {
    return files.isEmpty()
        ? 0
        : parts.disks().snapshots(files.getFirst()).stream()
            .filter(each -> each.tag().equals(tag))
            .mapToLong(DiskSnapshot::memoryBytes)
            .findFirst()
            .orElse(0);
  }
}
