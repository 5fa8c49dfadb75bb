package dev.vmctl.disk;

import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The disks' door. Every call but one is short (no copy of content), and all are idempotent. */
public interface Disks {
  /** Name of the root disk in a VM's directory. */
  String OVERLAY = "overlay.qcow2";

  /** Name of the root disk in a VM's directory where it is raw. */
  String RAW = "disk.raw";

  /** Name of the directory in a VM's directory that has one for each data disk. */
  String DATA = "disks";

  /** Where the data disk of this name is, in a VM's directory. */
  static Path data(Path directory, String name) {
    return directory.resolve(DATA).resolve(name).resolve("disk.qcow2");
  }

  /**
   * Makes {@code overlay} on the base, unless it is there already and is an overlay on this base:
   * then only its size is checked and grown. Any other file there is left untouched, an error.
   * Sizes are rounded up to whole sectors of 512 bytes.
   *
   * @param sizeBytes size of the disk; null for the base's own
   * @throws VmException disk.shrink_refused when smaller than the base;
   *     image.overlay_creation_failed; disk.full
   */
  void createOverlay(Path overlay, BaseImage base, @Nullable Long sizeBytes);

  /**
   * Makes a data disk in a VM's directory, unless it is there already: then it is kept whatever it
   * holds, and only grown. Sizes are rounded up to whole sectors of 512 bytes.
   *
   * @param base image that it begins as; null for an empty one, which needs a size
   * @param sizeBytes null for the base's own
   * @throws VmException as {@link #createOverlay} and {@link #grow}
   */
  void createData(Path directory, String name, @Nullable BaseImage base, @Nullable Long sizeBytes);

  /**
   * Moves a data disk from a VM's directory into the trash: one rename.
   *
   * @return empty when there is no such disk
   */
  Optional<TrashEntry> trashData(VmName vm, String name, Path directory, String reason);

  /**
   * Whether a raw disk is there, whole, as {@link #createRaw} would make it.
   *
   * @throws VmException dataset.foreign and others when that cannot be told
   */
  boolean hasRaw(RawDiskRequest request);

  /**
   * Makes a root disk for a hypervisor that knows no overlays: a clone of the image's ZFS volume
   * where there is a place for volumes, else a raw copy. This is the one call that takes long.
   * Cancelling the future gives it up; what that or a crash leaves is made whole by the next call.
   *
   * @return fails with a {@link VmException}: disk.shrink_refused, disk.full, dataset.foreign, …
   */
  CompletableFuture<Void> createRaw(RawDiskRequest request, CopyProgress progress);

  /**
   * What a hypervisor opens as the disk of this directory.
   *
   * @param overlay the root disk's place in the VM's directory, which is itself unless the disk is
   *     a raw one
   */
  Path attachment(Path overlay);

  /** Whether there is a root disk of any kind at this place. */
  boolean exists(Path overlay);

  /**
   * Makes the disk at least this large; the VM must not run.
   *
   * @throws VmException disk.shrink_refused when it is larger; disk.missing; vm.invalid_state when
   *     a QEMU has it open; qemu.not_found without qemu-img
   */
  void grow(Path overlay, long sizeBytes);

  /** Size of the disk in bytes, from its header. Works on a running VM's disk. */
  long virtualSize(Path overlay);

  /**
   * Copies a disk with all that lies under it into one file that needs no other. Takes as long as
   * the disk is large; the VM must not run.
   *
   * @param target must not exist
   * @throws VmException vm.invalid_state when a QEMU has the disk open; disk.full; qemu.not_found
   *     without qemu-img
   */
  void flatten(Path overlay, Path target);

  /**
   * The snapshots that a disk has within itself, also one that a QEMU has open.
   *
   * @throws VmException disk.missing; image.invalid
   */
  List<DiskSnapshot> snapshots(Path disk);

  /**
   * Keeps what a disk holds now within it, unless it has such a snapshot already. The VM must not
   * run.
   *
   * @throws VmException vm.invalid_state when a QEMU has it open; disk.full; qemu.not_found
   */
  void takeSnapshot(Path disk, String tag);

  /**
   * Makes a disk hold what it held then, which is also the size of it. What it holds now is lost.
   * The VM must not run.
   */
  void revert(Path disk, String tag);

  /** Deletes a snapshot, if the disk has it. The VM must not run. */
  void deleteSnapshot(Path disk, String tag);

  /**
   * Makes {@code target} a disk of its own with what another holds, or held: on the same image,
   * where that is on one. Takes long; cancelling the future gives it up, and what that or a crash
   * leaves the next call replaces. A target that is there is done.
   *
   * @param tag of the snapshot that is copied; null for the present, whose VM must not run
   * @return fails with a {@link VmException}: disk.missing, disk.full, vm.invalid_state, …
   */
  CompletableFuture<Void> copy(Path disk, @Nullable String tag, Path target);

  /**
   * Moves a whole VM directory into the trash: one rename. Idempotent: a directory that is gone
   * with an entry of this disk id is done.
   *
   * @throws VmException disk.missing when there is neither
   */
  TrashEntry trashVm(VmName vm, UUID diskId, Path directory, String reason);

  /**
   * Moves only the root disk into the trash (with a copy of the VM's record), the directory stays.
   * Idempotent as {@link #trashVm}.
   *
   * @throws VmException disk.missing when there is neither a disk nor an entry of it
   */
  TrashEntry trashDisk(VmName vm, UUID diskId, Path directory, String reason);

  /**
   * What is in the trash, newest first. Entries that cannot be read are in it too, so that none is
   * forgotten.
   */
  List<TrashEntry> trash();

  /**
   * Puts the content of an entry back: a whole VM to {@code directory}, which must not exist; a
   * lone disk becomes {@link #OVERLAY} in it, a data disk the one of its name, which must not exist
   * there. Asking again for the same entry and directory is done.
   *
   * @throws VmException vm.invalid_state when the place is taken, or the entry cannot be read;
   *     disk.missing when the entry is gone and not here
   */
  void restore(TrashEntry entry, Path directory);

  /** Deletes an entry's content for good. */
  void purge(TrashEntry entry);

  /**
   * Deletes a VM's directory for good, without the trash. Only for a destroy that says purge, and
   * for what a failed create left behind. Gone at once from where it was, even if the deletion is
   * interrupted.
   *
   * @throws IllegalArgumentException when it is not a directory right below {@code vms}
   */
  void purgeVm(Path directory);

  /**
   * Deletes entries that have been there for so long, never those that cannot be read, and finishes
   * interrupted deletions. Time in which nobody asked counts only a little, nor does a clock that
   * jumps ahead. Returns what was deleted; an entry that resists is logged and tried next time.
   */
  List<TrashEntry> expire(Duration kept);

  /**
   * @param path the cached image, read-only
   * @param format QEMU's name: qcow2 or raw
   * @param sizeBytes its virtual size
   */
  record BaseImage(Path path, String format, long sizeBytes) {}

  /**
   * Makes a disk that others have made the root disk of a directory, where it is: the directory
   * names it. Whoever removes the VM removes the name.
   *
   * @param disk absolute
   * @throws VmException vm.invalid_state when there is another disk already
   */
  void link(Path directory, Path disk, boolean raw);

  /** The same with another file of the VM, under this name. */
  void linkFile(Path directory, String name, Path file);

  /** The same as the data disk of this name; qcow2. */
  void linkData(Path directory, String name, Path disk);

  /**
   * What a disk that others have made is; it is not in use.
   *
   * @throws VmException disk.missing; vm.invalid_state when a QEMU has it open; image.invalid when
   *     it is no qcow2 image
   */
  Qcow2Facts examine(Path disk);

  /** The disks of others that a directory names, by how they are called there. */
  Map<String, Path> linked(Path directory);

  /**
   * What a qcow2 image says of itself.
   *
   * @param base the image below it; null when it stands alone
   */
  record Qcow2Facts(long sizeBytes, @Nullable Path base) {}

  /**
   * Images that were copied to volumes of the host, and that no disk stands on, also none in the
   * trash.
   *
   * @param needed digests of images that VMs still ask for: these are left out
   */
  List<VolumeImage> unusedVolumes(Set<String> needed);

  /**
   * Destroys such volumes, but for one that has come into use meanwhile.
   *
   * @return those that are gone
   */
  List<VolumeImage> destroyVolumes(List<VolumeImage> unused);
}
