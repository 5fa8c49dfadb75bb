package dev.vmctl.controller;

import dev.vmctl.disk.Disks;
import dev.vmctl.disk.TrashEntry;
import dev.vmctl.hypervisor.DataDisk;
import dev.vmctl.image.CachedImage;
import dev.vmctl.image.ImageSource;
import dev.vmctl.model.DiskSpec;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import dev.vmctl.model.VmSpec;
import dev.vmctl.store.Applied;
import dev.vmctl.store.VmRecord;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The disks of a VM beside its root disk. They hold data: whatever becomes of the root disk, they
 * stay, and what is not declared any more goes to the trash.
 */
final class DataDisks {
  private final EngineParts parts;
  private final Events events;

  DataDisks(EngineParts parts, Events events) {
    this.parts = parts;
    this.events = events;
  }

  /** An image that one of these disks begins as and that is not in the cache yet. */
  Optional<ImageSource> missingImage(VmSpec spec) {
    return spec.disks().stream()
        .flatMap(disk -> ImageSource.of(disk).stream())
        .filter(source -> parts.images().lookup(source).isEmpty())
        .findFirst();
  }

  /**
   * Whether what is declared can be made of what is there.
   *
   * @throws VmException disk.missing when one that was made is gone; disk.shrink_refused
   */
  void check(VmRecord record) {
    for (DiskSpec disk : made(record)) {
      find(record.desired().spec(), disk)
          .filter(disk::hasSameOrigin)
          .ifPresent(declared -> checkNotShrinking(record, declared, size(record, disk)));
    }
  }

  /**
   * @throws VmException disk.missing, image.invalid when one that was made is no more
   */
  void checkMade(VmRecord record) {
    made(record).forEach(disk -> size(record, disk));
  }

  private long size(VmRecord record, DiskSpec disk) {
    return parts.disks().virtualSize(file(record, disk));
  }

  private static List<DiskSpec> made(VmRecord record) {
    Applied applied = record.applied();
    return applied == null ? List.of() : applied.spec().disks();
  }

  private static void checkNotShrinking(VmRecord record, DiskSpec declared, long present) {
    Long wanted = declared.sizeBytes();
    if (wanted != null && wanted < present) {
      throw new VmException(
          ErrorCode.DISK_SHRINK,
          "the disk '"
              + declared.name()
              + "' of "
              + record.name()
              + " has "
              + present
              + " bytes, "
              + wanted
              + " are declared: a disk is never shrunk",
          "declare at least its present size; for a smaller disk declare one of another name");
    }
  }

  /**
   * Makes those that are declared and not there, and lets those that are grow. Their images are in
   * the cache.
   */
  void make(VmRecord record) {
    make(record.name(), record.desired().spec().disks());
  }

  private void make(VmName vm, List<DiskSpec> disks) {
    for (DiskSpec disk : disks) {
      parts
          .disks()
          .createData(
              parts.data().vm(vm),
              disk.name(),
              ImageSource.of(disk)
                  .flatMap(parts.images()::lookup)
                  .map(DataDisks::base)
                  .orElse(null),
              disk.sizeBytes());
    }
  }

  /** Makes those that are to be and never were; what runs is left alone. Their images are there. */
  void makeNew(VmRecord record, VmSpec to) {
    List<DiskSpec> had = made(record);
    List<DiskSpec> fresh =
        to.disks().stream()
            .filter(disk -> had.stream().noneMatch(each -> each.name().equals(disk.name())))
            .toList();
    make(record.name(), fresh);
  }

  static Disks.BaseImage base(CachedImage image) {
    return new Disks.BaseImage(image.path(), image.format().text(), image.virtualSizeBytes());
  }

  /** Moves to the trash what was made and is declared no more, or as something else. */
  void retire(VmRecord record) {
    retire(record, record.desired().spec());
  }

  /** The same with this as what is declared. */
  void retire(VmRecord record, VmSpec declared) {
    for (DiskSpec disk : made(record)) {
      if (find(declared, disk).filter(disk::hasSameOrigin).isEmpty()) {
        Optional<TrashEntry> entry =
            parts
                .disks()
                .trashData(record.name(), disk.name(), parts.data().vm(record.name()), "Removed");
        entry.ifPresent(
            trashed ->
                events.normal(
                    record.name(),
                    "DiskTrashed",
                    "its disk '"
                        + disk.name()
                        + "' is declared no more, or otherwise; it is in the trash ('vmctl trash restore "
                        + trashed.id()
                        + "')"));
      }
    }
  }

  /** Those that were made, for the hypervisor. */
  List<DataDisk> attached(VmRecord record) {
    Applied applied = record.applied();
    return applied == null ? List.of() : of(record, applied.spec());
  }

  /** Those of such a spec. */
  List<DataDisk> of(VmRecord record, VmSpec spec) {
    return spec.disks().stream()
        .map(disk -> new DataDisk(disk.name(), parts.disks().attachment(file(record, disk))))
        .toList();
  }

  private Path file(VmRecord record, DiskSpec disk) {
    return Disks.data(parts.data().vm(record.name()), disk.name());
  }

  private static Optional<DiskSpec> find(VmSpec spec, DiskSpec wanted) {
    return spec.disks().stream().filter(disk -> disk.name().equals(wanted.name())).findFirst();
  }
}
