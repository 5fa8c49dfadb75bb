package dev.vmctl.disk;

import dev.vmctl.host.AtomicFiles;
import dev.vmctl.host.FileTrees;
import dev.vmctl.host.Log;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * What was removed, until it expires. Everything moves by one rename within the data directory, so
 * a disk is either where it was or in the trash, also after a crash:
 *
 * <pre>
 * a whole VM   describe it in its own directory; rename the directory into the trash
 * a disk       make a described entry; copy the VM's record into it; rename the disk into it
 * a data disk  as a whole VM: it has a directory of its own
 * restore      rename back; keep the description as {@value #RESTORED}, so that asking again is done
 * purge        rename out of the list; delete
 * </pre>
 */
final class Trash {
  /** Tells in a VM's directory which entry it, or its disk, came back from. */
  static final String RESTORED = "restored.json";

  private static final System.Logger LOG = Log.of(Trash.class);
  private static final String RECORD = "vm.json";
  private static final String PURGED = TrashCatalog.HIDDEN + "purge-";
  private static final String NEW = TrashCatalog.HIDDEN + "new-";

  private final Path machines;
  private final Path directory;
  private final TrashCatalog catalog;
  private final TrashAge ages;
  private final Clock clock;
  private final RawDisks raw;

  Trash(Path dataDirectory, Clock clock, RawDisks raw) {
    this.raw = raw;
    this.machines = dataDirectory.resolve("vms");
    this.directory = dataDirectory.resolve("trash");
    this.catalog = new TrashCatalog(directory, clock);
    this.ages = new TrashAge(directory, clock);
    this.clock = clock;
  }

  TrashEntry addVm(VmName vm, UUID diskId, Path machine, String reason) {
    if (!Files.isDirectory(machine, LinkOption.NOFOLLOW_LINKS)) {
      return catalog.find(diskId, true).orElseThrow(() -> nothing(machine));
    }
    try {
      create();
      TrashEntry entry = catalog.name(vm, diskId, true, null, reason, FileTrees.dataBytes(machine));
      catalog.describe(machine, entry, TrashCatalog.DESCRIPTION);
      move(machine, catalog.content(entry.id()));
      return entry;
    } catch (IOException e) {
      throw AtomicFiles.failure("move to the trash", machine, e);
    }
  }

  /**
   * @param place directory of the data disk
   */
  Optional<TrashEntry> addData(VmName vm, String name, Path place, String reason) {
    if (!Files.isDirectory(place, LinkOption.NOFOLLOW_LINKS)) {
      return Optional.empty();
    }
    try {
      create();
      long size = FileTrees.dataBytes(place);
      TrashEntry entry = catalog.name(vm, UUID.randomUUID(), false, name, reason, size);
      catalog.describe(place, entry, TrashCatalog.DESCRIPTION);
      move(place, catalog.content(entry.id()));
      return Optional.of(entry);
    } catch (IOException e) {
      throw AtomicFiles.failure("move to the trash", place, e);
    }
  }

  TrashEntry addDisk(VmName vm, UUID diskId, Path machine, String reason) {
    Path disk = disk(machine);
    Optional<TrashEntry> before = catalog.find(diskId, false);
    if (!TrashCatalog.exists(disk)) {
      return before.filter(this::holdsDisk).orElseThrow(() -> nothing(disk));
    }
    try {
      create();
      TrashEntry entry = catalog.name(vm, diskId, false, null, reason, FileTrees.dataBytes(disk));
      makeEntry(entry, machine.resolve(RECORD));
      move(disk, catalog.content(entry.id()).resolve(disk.getFileName()));
      // A crash once left an entry between its making and the move; it is of no use any more.
      if (before.isPresent() && !holdsDisk(before.get())) {
        purge(before.get());
      }
      return entry;
    } catch (IOException e) {
      throw AtomicFiles.failure("move to the trash", disk, e);
    }
  }

  /** It appears in the list with its description or not at all. */
  private void makeEntry(TrashEntry entry, Path vmRecord) throws IOException {
    // One name for a disk: what a killed engine has begun goes when it is done again.
    Path aside = directory.resolve(NEW + entry.vm() + "-" + entry.diskId());
    FileTrees.delete(aside);
    Files.createDirectory(aside);
    catalog.describe(aside, entry, TrashCatalog.DESCRIPTION);
    if (Files.isRegularFile(vmRecord, LinkOption.NOFOLLOW_LINKS)) {
      AtomicFiles.write(
          aside.resolve(RECORD), Files.readAllBytes(vmRecord), AtomicFiles.Access.OWNER);
    }
    move(aside, catalog.content(entry.id()));
  }

  private boolean holdsDisk(TrashEntry entry) {
    return TrashCatalog.exists(disk(catalog.content(entry.id())));
  }

  /** The root disk of a directory, whatever kind it is; an overlay's place when there is none. */
  private static Path disk(Path directory) {
    return Stream.of(RawDisks.VOLUME, RawDisks.FILE, Disks.OVERLAY)
        .map(directory::resolve)
        .filter(TrashCatalog::exists)
        .findFirst()
        .orElse(directory.resolve(Disks.OVERLAY));
  }

  List<TrashEntry> list() {
    return catalog.list();
  }

  void restore(TrashEntry entry, Path machine) {
    if (!entry.isReadable()) {
      throw new VmException(
          ErrorCode.VM_INVALID_STATE,
          "the trash entry " + entry.id() + " cannot be read",
          "look at it in " + directory + " and move its disk back by hand");
    }
    try {
      if (entry.wholeVm()) {
        restoreDirectory(entry, machine);
      } else if (entry.dataDisk() != null) {
        restoreDirectory(entry, parent(Disks.data(machine, entry.dataDisk())));
      } else {
        restoreDisk(entry, machine);
      }
    } catch (IOException e) {
      throw AtomicFiles.failure("restore to", machine, e);
    }
  }

  private void restoreDirectory(TrashEntry entry, Path machine) throws IOException {
    Path content = catalog.content(entry.id());
    Path description = machine.resolve(TrashCatalog.DESCRIPTION);
    if (TrashCatalog.exists(content)) {
      requireFree(machine);
      Files.createDirectories(parent(machine));
      move(content, machine);
    } else if (catalog.describes(machine.resolve(RESTORED), entry)) {
      return;
    } else if (!catalog.describes(description, entry)) {
      throw nothing(content);
    }
    if (TrashCatalog.exists(description)) {
      move(description, machine.resolve(RESTORED));
    }
  }

  private void restoreDisk(TrashEntry entry, Path machine) throws IOException {
    Path disk = disk(machine);
    if (holdsDisk(entry)) {
      requireFree(disk);
      Files.createDirectories(machine);
      catalog.describe(machine, entry, RESTORED);
      Path kept = disk(catalog.content(entry.id()));
      move(kept, machine.resolve(kept.getFileName()));
    } else if (!TrashCatalog.exists(disk) || !catalog.describes(machine.resolve(RESTORED), entry)) {
      throw nothing(catalog.content(entry.id()));
    }
    purge(entry);
  }

  private static void requireFree(Path target) {
    if (TrashCatalog.exists(target)) {
      throw new VmException(
          ErrorCode.VM_INVALID_STATE,
          "cannot restore to " + target + ": it is there already",
          "destroy what is there first (it goes into the trash too), then restore");
    }
  }

  void purge(TrashEntry entry) {
    delete(catalog.content(entry.id()));
  }

  /**
   * @throws IllegalArgumentException when it is not the directory of a VM
   */
  void purgeVm(Path machine) {
    Path target = machine.toAbsolutePath().normalize();
    if (!machines.equals(target.getParent())) {
      throw new IllegalArgumentException("not the directory of a VM: " + machine);
    }
    delete(target);
  }

  List<TrashEntry> expire(Duration kept) {
    sweep(clock.instant().minus(kept));
    List<TrashEntry> deleted = new ArrayList<>();
    for (TrashEntry entry : expired(kept)) {
      try {
        purge(entry);
        deleted.add(entry);
      } catch (VmException e) {
        // The others shall not stay because of this one; it is tried again next time.
        LOG.log(System.Logger.Level.WARNING, "cannot delete from the trash: " + entry.id(), e);
      }
    }
    return List.copyOf(deleted);
  }

  private List<TrashEntry> expired(Duration kept) {
    List<TrashEntry> readable = catalog.list().stream().filter(TrashEntry::isReadable).toList();
    Optional<Instant> oldest =
        readable.stream().map(TrashEntry::trashedAt).min(Comparator.naturalOrder());
    if (oldest.isEmpty()) {
      return List.of();
    }
    TrashAge.Look look = ages.look(kept, oldest.get());
    return readable.stream()
        .filter(entry -> look.age(entry.trashedAt()).compareTo(kept) >= 0)
        .toList();
  }

  /** Out of sight by one rename, so that nothing half deleted is ever restored or started. */
  private void delete(Path target) {
    if (!TrashCatalog.exists(target)) {
      return;
    }
    try {
      create();
      Path doomed = directory.resolve(PURGED + UUID.randomUUID());
      move(target, doomed);
      deleteDoomed(doomed);
    } catch (IOException e) {
      throw AtomicFiles.failure("delete", target, e);
    }
  }

  /** The volume first: without the file that names it, nobody would know of it. */
  private void deleteDoomed(Path doomed) throws IOException {
    raw.forgetVolume(doomed);
    FileTrees.delete(doomed);
  }

  /** Deletes what purges left behind at a crash, and old entries that were never finished. */
  private void sweep(Instant olderThan) {
    try (var hidden = Files.newDirectoryStream(directory, TrashCatalog.HIDDEN + "*")) {
      for (Path each : hidden) {
        String name = each.getFileName().toString();
        if (name.startsWith(PURGED)) {
          deleteDoomed(each);
        } else if (name.startsWith(NEW) && isOlder(each, olderThan)) {
          FileTrees.delete(each);
        }
      }
    } catch (NoSuchFileException e) {
      LOG.log(System.Logger.Level.DEBUG, "nothing to clean up in the trash", e);
    } catch (IOException e) {
      throw AtomicFiles.failure("clean up the trash", directory, e);
    }
  }

  private static boolean isOlder(Path path, Instant than) throws IOException {
    return Files.getLastModifiedTime(path, LinkOption.NOFOLLOW_LINKS).toInstant().isBefore(than);
  }

  private void create() throws IOException {
    if (!Files.isDirectory(directory)) {
      Files.createDirectories(
          directory,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
  }

  /** One durable rename. */
  private static void move(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    AtomicFiles.syncDirectory(parent(to));
    if (!parent(from).equals(parent(to))) {
      AtomicFiles.syncDirectory(parent(from));
    }
  }

  private static Path parent(Path path) {
    Path parent = path.toAbsolutePath().getParent();
    if (parent == null) {
      throw new IllegalArgumentException("not within a directory: " + path);
    }
    return parent;
  }

  private static VmException nothing(Path path) {
    return new VmException(
        ErrorCode.DISK_MISSING,
        "there is no " + path + ", and nothing of it in the trash",
        "see 'vmctl trash list' for what can be restored");
  }
}
