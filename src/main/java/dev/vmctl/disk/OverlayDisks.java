package dev.vmctl.disk;

import dev.vmctl.host.AtomicFiles;
import dev.vmctl.host.HostProcesses;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import dev.vmctl.qcow2.Qcow2FormatException;
import dev.vmctl.qcow2.Qcow2Header;
import dev.vmctl.qcow2.Qcow2Overlay;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Disks that are qcow2 overlays on the images of the cache (or raw, where a hypervisor knows no
 * overlays), and the trash beside them. An overlay is made in this process, as it is only a header;
 * an existing disk is changed by QEMU's own tool alone, which respects the lock of a running QEMU.
 */
public final class OverlayDisks implements Disks {
  private static final FileAttribute<?> OWNER_DIRECTORY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

  /** A disk of a terabyte at 100 MB/s. */
  private static final Duration LONGEST_COPY = Duration.ofHours(3);

  private static final Duration LONGEST_LOOK = Duration.ofSeconds(30);

  private final Trash trash;
  private final DiskGrowth growth;
  private final RawDisks raw;
  private final Executor threads;
  private final QemuImg images;
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
    if (!Files.isRegularFile(base.path())) {
      throw gone(overlay, base);
    }
    if (sizeBytes != null && sizeBytes < base.sizeBytes()) {
      throw new VmException(
          ErrorCode.DISK_SHRINK,
          "a disk of "
              + sizeBytes
              + " bytes cannot hold its base image of "
              + base.sizeBytes()
              + " bytes",
          "declare a disk at least as large as the image, or no size at all");
    }
    long size = toSectors(sizeBytes == null ? base.sizeBytes() : sizeBytes);
    Optional<Qcow2Header> existing = header(overlay);
    if (existing.isEmpty()) {
      write(overlay, on(overlay, base, size));
      requireStillThere(overlay, base);
    } else {
      requireOverlayOn(overlay, base, existing.get());
      // Without a declared size a disk that was grown is as good as a new one.
      if (sizeBytes != null || existing.get().virtualSize() < size) {
        growth.grow(overlay, existing.get().virtualSize(), size);
      }
    }
  }

  @Override
  public void createData(
      Path directory, String name, @Nullable BaseImage base, @Nullable Long sizeBytes) {
    Path disk = Disks.data(directory, name);
    Optional<Qcow2Header> existing = header(disk);
    if (existing.isPresent()) {
      if (sizeBytes != null) {
        growth.grow(LinkedDisks.real(disk), existing.get().virtualSize(), toSectors(sizeBytes));
      }
      return;
    }
    try {
      Files.createDirectories(parent(disk), OWNER_DIRECTORY);
    } catch (IOException e) {
      throw AtomicFiles.failure("make", parent(disk), e);
    }
    if (base != null) {
      createOverlay(disk, base, sizeBytes);
    } else {
      write(disk, empty(disk, toSectors(Objects.requireNonNull(sizeBytes, name))));
    }
  }

  private static Qcow2Overlay empty(Path disk, long size) {
    if (size > Qcow2Overlay.LARGEST) {
      throw tooLarge(disk, size);
    }
    return Qcow2Overlay.empty(size);
  }

  private static VmException tooLarge(Path disk, long size) {
    return failed(
        disk, size + " bytes are more than the format can hold", "choose a smaller disk", null);
  }

  /**
   * Who deletes images looks once more whether they are needed; so one of the two sees the other.
   */
  private static void requireStillThere(Path overlay, BaseImage base) {
    if (Files.isRegularFile(base.path())) {
      return;
    }
    try {
      Files.delete(overlay);
    } catch (IOException e) {
      throw AtomicFiles.failure("delete", overlay, e);
    }
    throw gone(overlay, base);
  }

  private static VmException gone(Path overlay, BaseImage base) {
    return failed(
        overlay,
        "its base image " + base.path() + " is gone",
        "it was deleted from the image cache; 'vmctl image pull' or the next 'up' gets it again",
        null);
  }

  private static void requireOverlayOn(Path overlay, BaseImage base, Qcow2Header header) {
    if (!header.isOverlayOn(base.path().toAbsolutePath().toString(), base.format())) {
      throw failed(
          overlay,
          "a disk is there already, and it is no overlay on " + base.path(),
          "it is left untouched; move it away, or recreate the VM",
          null);
    }
  }

  private static Qcow2Overlay on(Path overlay, BaseImage base, long size) {
    String backing = base.path().toAbsolutePath().toString();
    if (size > Qcow2Overlay.LARGEST) {
      throw tooLarge(overlay, size);
    }
    if (!Qcow2Overlay.fits(backing)) {
      throw failed(
          overlay,
          "the path of its base image has more than 1023 bytes",
          "choose a shorter data directory",
          null);
    }
    return new Qcow2Overlay(backing, base.format(), size);
  }

  private static void write(Path overlay, Qcow2Overlay content) {
    Path directory = parent(overlay);
    // One name: what a crash leaves here, the next attempt overwrites.
    Path temporary = directory.resolve("." + overlay.getFileName() + ".new");
    try {
      try {
        writeSynced(temporary, content);
        // A link, unlike a rename, can never replace a disk that appeared meanwhile.
        Files.createLink(overlay, temporary);
      } finally {
        Files.deleteIfExists(temporary);
      }
      AtomicFiles.syncDirectory(directory);
    } catch (IOException e) {
      VmException plain = AtomicFiles.failure("make the disk", overlay, e);
      throw plain.code() == ErrorCode.DISK_FULL
          ? plain
          : failed(overlay, reason(e), plain.help(), e);
    }
  }

  private static void writeSynced(Path file, Qcow2Overlay overlay) throws IOException {
    Files.deleteIfExists(file);
    Set<StandardOpenOption> options =
        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    try (FileChannel channel =
        FileChannel.open(
            file,
            options,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
      overlay.write(channel);
      channel.force(true);
    }
  }

  @Override
  public boolean hasRaw(RawDiskRequest request) {
    return raw.holds(request);
  }

  @Override
  public CompletableFuture<Void> createRaw(RawDiskRequest request, CopyProgress progress) {
    return inThread(() -> raw.create(request, progress));
  }

  /** Work that takes long; cancelling the future interrupts it. */
  private CompletableFuture<Void> inThread(Copying task) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    AtomicReference<@Nullable Thread> worker = new AtomicReference<>();
    done.whenComplete(
        (nothing, failure) -> {
          Thread working = worker.get();
          if (done.isCancelled() && working != null) {
            working.interrupt();
          }
        });
    threads.execute(
        () -> {
          worker.set(Thread.currentThread());
          try {
            if (!done.isDone()) {
              task.run();
            }
            worker.set(null);
            done.complete(null);
          } catch (InterruptedException e) {
            done.cancel(false);
          } catch (RuntimeException e) {
            done.completeExceptionally(e);
          }
        });
    return done;
  }

  private interface Copying {
    void run() throws InterruptedException;
  }

  @Override
  public List<DiskSnapshot> snapshots(Path disk) {
    overlaySize(disk);
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
    return inThread(() -> copyNow(disk, tag, target));
  }

  private void copyNow(Path disk, @Nullable String tag, Path target) {
    if (Files.exists(target)) {
      return;
    }
    overlaySize(disk);
    Qcow2Header source = header(disk).orElseThrow();
    Path half = target.resolveSibling("." + target.getFileName() + ".copy");
    List<String> words = new ArrayList<>(List.of("convert", "-f", "qcow2", "-O", "qcow2"));
    if (tag != null) {
      // Nobody writes to what a snapshot holds, whoever has the disk open.
      words.addAll(List.of("-U", "-l", "snapshot.name=" + tag));
    }
    if (source.backingFile() != null && source.backingFormat() != null) {
      words.addAll(List.of("-B", source.backingFile(), "-F", source.backingFormat()));
    }
    words.addAll(List.of(disk.toAbsolutePath().toString(), half.toAbsolutePath().toString()));
    try {
      Files.createDirectories(parent(target), OWNER_DIRECTORY);
      Files.deleteIfExists(half);
      AtomicFiles.createPrivate(half);
      images.run("copy the disk " + disk, LONGEST_COPY, words.toArray(String[]::new));
      try (FileChannel channel = FileChannel.open(half, StandardOpenOption.WRITE)) {
        channel.force(true);
      }
      Files.createLink(target, half);
      AtomicFiles.syncDirectory(parent(target));
    } catch (IOException e) {
      throw AtomicFiles.failure("make the disk", target, e);
    } finally {
      deleteHalf(half);
    }
  }

  private static void deleteHalf(Path half) {
    try {
      Files.deleteIfExists(half);
    } catch (IOException e) {
      throw AtomicFiles.failure("delete", half, e);
    }
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
    Qcow2Header header = header(disk).orElseThrow(() -> missing(disk));
    // Takes QEMU's own locks, which a QEMU that has it open does not give.
    images.run("look at the disk " + disk, LONGEST_LOOK, "info", "-f", "qcow2", disk.toString());
    String base = header.backingFile();
    return new Qcow2Facts(
        header.virtualSize(), base == null ? null : parent(disk).resolve(base).normalize());
  }

  @Override
  public boolean exists(Path overlay) {
    return Files.exists(overlay) || rawAttachment(overlay).isPresent();
  }

  private Optional<Path> rawAttachment(Path overlay) {
    return isRoot(overlay) ? raw.attachment(parent(overlay)) : Optional.empty();
  }

  private Optional<Long> rawSize(Path overlay) {
    return isRoot(overlay) ? raw.size(parent(overlay)) : Optional.empty();
  }

  /** Data disks are beside the root disk, and always overlays or files of their own. */
  private static boolean isRoot(Path disk) {
    return OVERLAY.equals(disk.getFileName().toString());
  }

  @Override
  public void grow(Path overlay, long sizeBytes) {
    Optional<Long> size = rawSize(overlay);
    if (size.isEmpty()) {
      growth.grow(LinkedDisks.real(overlay), virtualSize(overlay), toSectors(sizeBytes));
    } else if (toSectors(sizeBytes) > size.get()) {
      raw.grow(parent(overlay), toSectors(sizeBytes));
    } else if (toSectors(sizeBytes) < size.get()) {
      DiskGrowth.refuseShrinking(overlay, size.get(), sizeBytes);
    }
  }

  @Override
  public void flatten(Path overlay, Path target) {
    virtualSize(overlay);
    AtomicFiles.createPrivate(target);
    images.run(
        "copy the disk " + overlay,
        LONGEST_COPY,
        "convert",
        "-f",
        "qcow2",
        "-O",
        "qcow2",
        LinkedDisks.real(overlay).toAbsolutePath().toString(),
        target.toAbsolutePath().toString());
  }

  @Override
  public long virtualSize(Path overlay) {
    Optional<Long> size = rawSize(overlay);
    return size.isPresent() ? size.get() : overlaySize(overlay);
  }

  private static long overlaySize(Path overlay) {
    return header(overlay).orElseThrow(() -> missing(overlay)).virtualSize();
  }

  private static VmException missing(Path disk) {
    return new VmException(
        ErrorCode.DISK_MISSING,
        "the disk " + disk + " is gone",
        "look in 'vmctl trash list'; without it the VM has to be created anew");
  }

  /** Empty when there is no such file. */
  private static Optional<Qcow2Header> header(Path overlay) {
    try (FileChannel channel = FileChannel.open(overlay, StandardOpenOption.READ)) {
      return Optional.of(Qcow2Header.read(channel));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (Qcow2FormatException e) {
      throw new VmException(
          ErrorCode.IMAGE_INVALID,
          "the disk " + overlay + " is damaged: it " + e.getMessage(),
          "it is left untouched; 'qemu-img check' tells more",
          e);
    } catch (IOException e) {
      throw AtomicFiles.failure("read the disk", overlay, e);
    }
  }

  /** QEMU rounds sizes up to whole sectors, and so do we. */
  private static long toSectors(long bytes) {
    if (bytes < 0 || bytes > Long.MAX_VALUE - Qcow2Overlay.SECTOR) {
      throw new IllegalArgumentException("size " + bytes);
    }
    return (bytes + Qcow2Overlay.SECTOR - 1) / Qcow2Overlay.SECTOR * Qcow2Overlay.SECTOR;
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
    return trash.addData(vm, name, parent(Disks.data(directory, name)), reason);
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
  public List<TrashEntry> expire(Instant olderThan) {
    return trash.expire(olderThan);
  }

  private static VmException failed(
      Path overlay, String why, String help, @Nullable Throwable cause) {
    return new VmException(
        ErrorCode.DISK_OVERLAY_FAILED, "cannot make the disk " + overlay + ": " + why, help, cause);
  }

  private static String reason(IOException e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }

  private static Path parent(Path file) {
    Path parent = file.toAbsolutePath().getParent();
    if (parent == null) {
      throw new IllegalArgumentException("not a file: " + file);
    }
    return parent;
  }
}
