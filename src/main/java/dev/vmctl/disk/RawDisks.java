package dev.vmctl.disk;

import dev.vmctl.host.AtomicFiles;
import dev.vmctl.host.Log;
import dev.vmctl.json.Json;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Disks without overlays: a ZFS volume where there is a place for volumes, else a raw file. What is
 * in the VM's directory says which, so a disk goes to the trash and comes back with its directory;
 * a volume is destroyed when the file that names it is.
 */
public final class RawDisks {
  private static final System.Logger LOG = Log.of(RawDisks.class);

  /** A raw disk in a VM's directory. */
  static final String FILE = Disks.RAW;

  /** Names the volume that is the VM's disk; written before the volume is made. */
  static final String VOLUME = "disk.volume";

  private final @Nullable VolumeStore volumes;

  private RawDisks(@Nullable VolumeStore volumes) {
    this.volumes = volumes;
  }

  /** Disks that are files. */
  public static RawDisks asFiles() {
    return new RawDisks(null);
  }

  /** Disks that are volumes. */
  public static RawDisks asVolumes(VolumeStore volumes) {
    return new RawDisks(volumes);
  }

  /** What a {@value #VOLUME} file says. */
  record VolumeNote(String dataset, UUID owner) {}

  boolean holds(RawDiskRequest request) {
    return volumes == null
        ? Files.exists(request.directory().resolve(FILE))
        : Files.exists(request.directory().resolve(VOLUME)) && volumes.holds(request);
  }

  /** Makes the disk. What a crash leaves of it is made whole by the next call. */
  void create(RawDiskRequest request, CopyProgress progress) throws InterruptedException {
    if (request.size() < request.base().sizeBytes()) {
      throw new VmException(
          ErrorCode.DISK_SHRINK,
          "a disk of "
              + request.size()
              + " bytes cannot hold its base image of "
              + request.base().sizeBytes()
              + " bytes",
          "declare a disk at least as large as the image, or no size at all");
    }
    if (volumes == null) {
      createFile(request, progress);
    } else {
      Path note = request.directory().resolve(VOLUME);
      write(note, new VolumeNote(volumes.volume(request), request.owner()));
      volumes.create(request, progress);
    }
  }

  private static void createFile(RawDiskRequest request, CopyProgress progress)
      throws InterruptedException {
    Path disk = request.directory().resolve(FILE);
    if (Files.exists(disk)) {
      return;
    }
    // One name: what a crash leaves here, the next attempt overwrites.
    Path temporary = request.directory().resolve("." + FILE + ".new");
    try {
      try {
        Files.deleteIfExists(temporary);
        try (RandomAccessFile file = new RandomAccessFile(temporary.toFile(), "rw")) {
          file.setLength(request.size());
        }
        BaseCopy.write(request.base(), temporary, progress);
        Files.createLink(disk, temporary);
      } finally {
        Files.deleteIfExists(temporary);
      }
      AtomicFiles.syncDirectory(request.directory());
    } catch (IOException e) {
      throw AtomicFiles.failure("make the disk", disk, e);
    }
  }

  /** What a hypervisor opens; empty when there is no raw disk in this directory. */
  Optional<Path> attachment(Path directory) {
    Optional<VolumeNote> note = note(directory);
    if (note.isPresent()) {
      return Optional.of(store(note.get()).devicePath(note.get().dataset()));
    }
    return Optional.of(directory.resolve(FILE)).filter(Files::exists);
  }

  /** Size in bytes; empty when there is no raw disk in this directory. */
  Optional<Long> size(Path directory) {
    Optional<VolumeNote> note = note(directory);
    if (note.isPresent()) {
      return Optional.of(store(note.get()).size(note.get().dataset()));
    }
    try {
      return Optional.of(Files.size(directory.resolve(FILE)));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw AtomicFiles.failure("read the disk", directory.resolve(FILE), e);
    }
  }

  /** Makes an existing disk this large; it is not smaller now. */
  void grow(Path directory, long bytes) {
    Optional<VolumeNote> note = note(directory);
    if (note.isPresent()) {
      store(note.get()).grow(note.get().dataset(), bytes);
      return;
    }
    Path disk = directory.resolve(FILE);
    try (FileChannel channel = FileChannel.open(disk, StandardOpenOption.WRITE);
        RandomAccessFile file = new RandomAccessFile(disk.toFile(), "rw")) {
      file.setLength(bytes);
      channel.force(true);
    } catch (IOException e) {
      throw AtomicFiles.failure("grow the disk", disk, e);
    }
  }

  /**
   * Destroys the volume a directory names, if it does: before the directory is deleted for good.
   */
  void forgetVolume(Path directory) {
    Optional<VolumeNote> note = note(directory);
    if (note.isEmpty()) {
      return;
    }
    try {
      store(note.get()).destroy(note.get().dataset(), note.get().owner());
    } catch (VmException e) {
      if (e.code() != ErrorCode.DATASET_FOREIGN) {
        throw e;
      }
      // The name was taken before we could make ours: there is nothing of ours to destroy.
      LOG.log(System.Logger.Level.WARNING, "left as it is: {0}", e.getMessage());
    }
  }

  /** As {@link Disks#unusedVolumes}. */
  List<VolumeImage> unusedVolumes(Set<String> needed) {
    return volumes == null ? List.of() : volumes.unused(needed);
  }

  /** As {@link Disks#destroyVolumes}. */
  List<VolumeImage> destroyVolumes(List<VolumeImage> unused) {
    VolumeStore store = volumes;
    return store == null ? List.of() : unused.stream().filter(store::destroyImage).toList();
  }

  private VolumeStore store(VolumeNote note) {
    if (volumes == null) {
      throw new VmException(
          ErrorCode.DATASET_MISSING,
          "the disk is the ZFS volume " + note.dataset() + ", but no place for volumes is given",
          "say in VMCTL_ZFS_DATASET under which dataset vmctl has its volumes");
    }
    return volumes;
  }

  private Optional<VolumeNote> note(Path directory) {
    Path file = directory.resolve(VOLUME);
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      return Optional.empty();
    }
    try {
      return Optional.of(Json.mapper().readValue(Files.readAllBytes(file), VolumeNote.class));
    } catch (IOException e) {
      throw new VmException(
          ErrorCode.STORE_CORRUPT,
          "cannot read " + file + ": " + e.getMessage(),
          "it names the VM's ZFS volume: {\"dataset\": …, \"owner\": uuid of the VM}",
          e);
    }
  }

  private void write(Path file, VolumeNote note) {
    try {
      AtomicFiles.write(file, Json.mapper().writeValueAsBytes(note), AtomicFiles.Access.OWNER);
    } catch (IOException e) {
      throw AtomicFiles.failure("write", file, e);
    }
  }
}
