package dev.vmctl.disk;

import dev.vmctl.host.CancellableWork;
import dev.vmctl.host.HostProcesses;
import dev.vmctl.model.VmName;
import dev.vmctl.qcow2.Qcow2Header;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Disks that are qcow2 overlays on the images of the cache (or raw, where a hypervisor knows no
 * overlays), and the trash beside them. An overlay is made in this process, as it is only a header;
 * an existing disk is changed by QEMU's own tool alone, which respects the lock of a running QEMU.
 */
public final class OverlayDisks implements Disks {
  private static final Duration LONGEST_LOOK = Duration.ofSeconds(30);

  private final Trash trash;
  private final DiskGrowth growth;
  private final RawDisks raw;
  private final Executor threads;
  private final QemuImg images;
  private final NewDisks fresh;
  private final DiskCopies copies;
  private final InternalSnapshots snapshots;

  /**
   * @param dataDirectory holds {@code vms} and {@code trash}, on one file system
   * @param processes runs {@code qemu-img} where a disk grows
   * @param raw for hypervisors that know no overlays
   * @param threads where images are copied to raw disks
   */
  public OverlayDisks(
      Path dataDirectory, HostProcesses processes, Clock clock, RawDisks raw, Executor threads) {
    this.trash = new Trash(dataDirectory.toAbsolutePath().normalize(), clock, raw);
    this.images = new QemuImg(processes);
    this.growth = new DiskGrowth(images);
    this.fresh = new NewDisks(growth);
    this.copies = new DiskCopies(images);
    this.snapshots = new InternalSnapshots(images);
    this.raw = raw;
    this.threads = threads;
  }

  /** Without volumes; an image is copied to a raw file in the caller's own thread. */
  public OverlayDisks(Path dataDirectory, HostProcesses processes, Clock clock) {
    this(dataDirectory, processes, clock, RawDisks.asFiles(), Runnable::run);
  }

  @Override
  public void createOverlay(Path overlay, BaseImage base, @Nullable Long sizeBytes) {
    fresh.createOverlay(overlay, base, sizeBytes);
  }

  @Override
  public void createData(
      Path directory, String name, @Nullable BaseImage base, @Nullable Long sizeBytes) {
    fresh.createData(Disks.data(directory, name), base, sizeBytes);
  }

  @Override
  public boolean hasRaw(RawDiskRequest request) {
    return raw.holds(request);
  }

  @Override
  public CompletableFuture<Void> createRaw(RawDiskRequest request, CopyProgress progress) {
    return CancellableWork.start(threads, () -> raw.create(request, progress));
  }

  @Override
  public List<DiskSnapshot> snapshots(Path disk) {
    Qcow2Files.size(disk);
    return snapshots.of(disk);
  }

  @Override
  public void takeSnapshot(Path disk, String tag) {
    snapshots.take(disk, tag);
  }

  @Override
  public void revert(Path disk, String tag) {
    snapshots.revert(disk, tag);
  }

  @Override
  public void deleteSnapshot(Path disk, String tag) {
    snapshots.delete(disk, tag);
  }

  @Override
  public CompletableFuture<Void> copy(Path disk, @Nullable String tag, Path target) {
    return CancellableWork.start(threads, () -> copies.copy(disk, tag, target));
  }

  @Override
  public Path attachment(Path overlay) {
    return rawAttachment(overlay).orElseGet(() -> LinkedDisks.real(overlay));
  }

  @Override
  public List<VolumeImage> unusedVolumes(Set<String> needed) {
    return raw.unusedVolumes(needed);
  }

  @Override
  public List<VolumeImage> destroyVolumes(List<VolumeImage> unused) {
    return raw.destroyVolumes(unused);
  }

  @Override
  public void link(Path directory, Path disk, boolean raw) {
    LinkedDisks.make(directory.resolve(raw ? RawDisks.FILE : OVERLAY), disk);
  }

  @Override
  public void linkFile(Path directory, String name, Path file) {
    LinkedDisks.make(directory.resolve(name), file);
  }

  @Override
  public void linkData(Path directory, String name, Path disk) {
    LinkedDisks.make(Disks.data(directory, name), disk);
  }

  @Override
  public Map<String, Path> linked(Path directory) {
    return LinkedDisks.in(directory);
  }

  @Override
  public Qcow2Facts examine(Path disk) {
    Qcow2Header header = Qcow2Files.existing(disk);
    // Takes QEMU's own locks, which a QEMU that has it open does not give.
    images.run("look at the disk " + disk, LONGEST_LOOK, "info", "-f", "qcow2", disk.toString());
    String base = header.backingFile();
    return new Qcow2Facts(
        header.virtualSize(),
        base == null ? null : Qcow2Files.parent(disk).resolve(base).normalize());
  }

  @Override
  public boolean exists(Path overlay) {
    return Files.exists(overlay) || rawAttachment(overlay).isPresent();
  }

  private Optional<Path> rawAttachment(Path overlay) {
    return isRoot(overlay) ? raw.attachment(Qcow2Files.parent(overlay)) : Optional.empty();
  }

  private Optional<Long> rawSize(Path overlay) {
    return isRoot(overlay) ? raw.size(Qcow2Files.parent(overlay)) : Optional.empty();
  }

  /** Data disks are beside the root disk, and always overlays or files of their own. */
  private static boolean isRoot(Path disk) {
    return OVERLAY.equals(disk.getFileName().toString());
  }

  @Override
  public void grow(Path overlay, long sizeBytes) {
    Optional<Long> size = rawSize(overlay);
    if (size.isEmpty()) {
      growth.grow(LinkedDisks.real(overlay), virtualSize(overlay), Qcow2Files.toSectors(sizeBytes));
    } else if (Qcow2Files.toSectors(sizeBytes) > size.get()) {
      raw.grow(Qcow2Files.parent(overlay), Qcow2Files.toSectors(sizeBytes));
    } else if (Qcow2Files.toSectors(sizeBytes) < size.get()) {
      throw DiskGrowth.shrinking(overlay, size.get(), sizeBytes);
    }
  }

  @Override
  public void flatten(Path overlay, Path target) {
    virtualSize(overlay);
    copies.flatten(overlay, target);
  }

  @Override
  public long virtualSize(Path overlay) {
    Optional<Long> size = rawSize(overlay);
    return size.isPresent() ? size.get() : Qcow2Files.size(overlay);
  }

  @Override
  public TrashEntry trashVm(VmName vm, UUID diskId, Path directory, String reason) {
    return trash.addVm(vm, diskId, directory, reason);
  }

  @Override
  public TrashEntry trashDisk(VmName vm, UUID diskId, Path directory, String reason) {
    return trash.addDisk(vm, diskId, directory, reason);
  }

  @Override
  public Optional<TrashEntry> trashData(VmName vm, String name, Path directory, String reason) {
    return trash.addData(vm, name, Qcow2Files.parent(Disks.data(directory, name)), reason);
  }

  @Override
  public List<TrashEntry> trash() {
    return trash.list();
  }

  @Override
  public void restore(TrashEntry entry, Path directory) {
    trash.restore(entry, directory);
  }

  @Override
  public void purge(TrashEntry entry) {
    trash.purge(entry);
  }

  @Override
  public void purgeVm(Path directory) {
    trash.purgeVm(directory);
  }

  @Override
  public List<TrashEntry> expire(Duration kept) {
    return trash.expire(kept);
  }
}
