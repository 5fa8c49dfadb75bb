package dev.vmctl.controller;

import dev.vmctl.disk.CopyProgress;
import dev.vmctl.disk.DiskSnapshot;
import dev.vmctl.disk.Disks;
import dev.vmctl.disk.RawDiskRequest;
import dev.vmctl.disk.TrashEntry;
import dev.vmctl.disk.VolumeImage;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Disks of a {@link FakeWorld} and its trash. None is changed, or thrown away, while a process has
 * it open.
 */
final class FakeDisks implements Disks {
  final Map<Path, FakeDisk> files = new HashMap<>();
  final List<TrashEntry> trash = new ArrayList<>();
  Duration copyTime = Duration.ofMillis(300);

  /** What directories name elsewhere. */
  final Map<Path, Map<String, Path>> linked = new HashMap<>();

  /** What comes back when these are restored; else a new disk. */
  final Map<String, FakeDisk> kept = new HashMap<>();

  private final FakeWorld world;

  FakeDisks(FakeWorld world) {
    this.world = world;
  }

  @Override
  public List<VolumeImage> unusedVolumes(Set<String> needed) {
    return List.of();
  }

  @Override
  public List<VolumeImage> destroyVolumes(List<VolumeImage> unused) {
    return List.of();
  }

  @Override
  public void link(Path directory, Path disk, boolean raw) {
    linked.computeIfAbsent(directory, path -> new TreeMap<>()).put(OVERLAY, disk);
    files.put(directory.resolve(OVERLAY), new FakeDisk());
  }

  @Override
  public void linkFile(Path directory, String name, Path file) {
    linked.computeIfAbsent(directory, path -> new TreeMap<>()).put(name, file);
  }

  @Override
  public void linkData(Path directory, String name, Path disk) {
    files.put(Disks.data(directory, name), new FakeDisk());
  }

  @Override
  public Qcow2Facts examine(Path disk) {
    return new Qcow2Facts(1 << 20, null);
  }

  @Override
  public Map<String, Path> linked(Path directory) {
    return linked.getOrDefault(directory, Map.of());
  }

  @Override
  public void createOverlay(Path overlay, BaseImage base, @Nullable Long sizeBytes) {
    world.fault.accept("createOverlay");
    files.computeIfAbsent(overlay, path -> new FakeDisk()).size =
        sizeBytes == null ? base.sizeBytes() : sizeBytes;
  }

  @Override
  public void createData(
      Path directory, String name, @Nullable BaseImage base, @Nullable Long sizeBytes) {
    world.fault.accept("createData");
    FakeDisk disk = files.computeIfAbsent(Disks.data(directory, name), path -> new FakeDisk());
    if (sizeBytes != null) {
      disk.size = sizeBytes;
    }
  }

  @Override
  public Optional<TrashEntry> trashData(VmName vm, String name, Path directory, String reason) {
    world.fault.accept("trashData");
    if (files.remove(Disks.data(directory, name)) == null) {
      return Optional.empty();
    }
    UUID id = UUID.randomUUID();
    TrashEntry entry =
        new TrashEntry(vm + "-" + id, vm, id, false, name, world.timeline.now(), reason, 1);
    trash.add(entry);
    return Optional.of(entry);
  }

  @Override
  public boolean hasRaw(RawDiskRequest request) {
    throw new UnsupportedOperationException("this hypervisor takes overlays");
  }

  @Override
  public CompletableFuture<Void> createRaw(RawDiskRequest request, CopyProgress progress) {
    throw new UnsupportedOperationException("this hypervisor takes overlays");
  }

  @Override
  public Path attachment(Path overlay) {
    return overlay;
  }

  @Override
  public boolean exists(Path overlay) {
    return files.containsKey(overlay);
  }

  @Override
  public void grow(Path overlay, long sizeBytes) {
    world.fault.accept("grow");
    FakeDisk disk = files.get(overlay);
    if (disk == null) {
      throw new VmException(ErrorCode.DISK_MISSING, "no disk " + overlay, "");
    }
    disk.size = sizeBytes;
  }

  @Override
  public void flatten(Path overlay, Path target) {
    throw new UnsupportedOperationException("there is no disk to copy");
  }

  @Override
  public long virtualSize(Path overlay) {
    FakeDisk disk = files.get(overlay);
    if (disk == null) {
      throw new VmException(ErrorCode.DISK_MISSING, "no disk " + overlay, "");
    }
    return disk.size;
  }

  @Override
  public List<DiskSnapshot> snapshots(Path disk) {
    return at(disk).moments.entrySet().stream()
        .map(
            each ->
                new DiskSnapshot(
                    each.getKey(),
                    each.getValue().memory() == null ? 0 : 1 << 20,
                    each.getValue().size()))
        .toList();
  }

  @Override
  public void takeSnapshot(Path disk, String tag) {
    world.fault.accept("takeSnapshot");
    refuseOpen(disk);
    FakeDisk present = at(disk);
    present.moments.putIfAbsent(tag, new FakeDisk.Moment(present.written, present.size, null));
  }

  @Override
  public void revert(Path disk, String tag) {
    world.fault.accept("revert");
    refuseOpen(disk);
    at(disk).goBack(tag);
    world.fault.accept("reverted");
  }

  @Override
  public void deleteSnapshot(Path disk, String tag) {
    world.fault.accept("deleteSnapshot");
    refuseOpen(disk);
    at(disk).moments.remove(tag);
  }

  @Override
  public CompletableFuture<Void> copy(Path disk, @Nullable String tag, Path target) {
    world.fault.accept("copy");
    return world.later(
        copyTime,
        () -> {
          FakeDisk.Moment moment = Objects.requireNonNull(at(disk).moments.get(tag));
          FakeDisk copy = new FakeDisk();
          copy.written.addAll(moment.written());
          copy.size = moment.size();
          files.putIfAbsent(target, copy);
          return null;
        });
  }

  @Override
  public TrashEntry trashVm(VmName vm, UUID diskId, Path directory, String reason) {
    world.fault.accept("trashVm");
    return toTrash(vm, diskId, directory, reason, true);
  }

  @Override
  public TrashEntry trashDisk(VmName vm, UUID diskId, Path directory, String reason) {
    world.fault.accept("trashDisk");
    return toTrash(vm, diskId, directory, reason, false);
  }

  @Override
  public List<TrashEntry> trash() {
    return List.copyOf(trash);
  }

  @Override
  public void restore(TrashEntry entry, Path directory) {
    trash.remove(entry);
    FakeDisk disk = kept.getOrDefault(entry.id(), new FakeDisk());
    String data = entry.dataDisk();
    files.put(data == null ? directory.resolve(OVERLAY) : Disks.data(directory, data), disk);
  }

  @Override
  public void purge(TrashEntry entry) {
    trash.remove(entry);
  }

  @Override
  public void purgeVm(Path directory) {
    world.fault.accept("purgeVm");
    files.remove(directory.resolve(OVERLAY));
  }

  @Override
  public List<TrashEntry> expire(Duration kept) {
    return List.of();
  }

  /** The disk at a path, which must be there. */
  FakeDisk at(Path path) {
    FakeDisk disk = files.get(path);
    if (disk == null) {
      throw new VmException(ErrorCode.DISK_MISSING, "no disk " + path, "look in the trash");
    }
    return disk;
  }

  private void refuseOpen(Path disk) {
    if (world.hypervisor.hasOpen(disk)) {
      world.violations.add(disk + " was changed while a process had it open");
    }
  }

  private TrashEntry toTrash(VmName vm, UUID diskId, Path directory, String reason, boolean whole) {
    Path overlay = directory.resolve(OVERLAY);
    if (world.hypervisor.hasOpen(overlay)) {
      world.violations.add("the disk of " + vm + " went to the trash while a process had it open");
    }
    TrashEntry entry =
        new TrashEntry(vm + "-" + diskId, vm, diskId, whole, null, world.timeline.now(), reason, 1);
    FakeDisk disk = files.remove(overlay);
    if (disk != null) {
      trash.add(entry);
      kept.put(entry.id(), disk);
    }
    return entry;
  }
}
