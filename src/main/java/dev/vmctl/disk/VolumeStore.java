package dev.vmctl.disk;

import dev.vmctl.host.HostLock;
import dev.vmctl.host.HostLocks;
import dev.vmctl.host.ZfsDataset;
import dev.vmctl.host.ZfsDatasets;
import dev.vmctl.host.ZfsMark;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * Disks as ZFS volumes: one volume for each image, with a snapshot named by the digest of its
 * content, and a clone of that snapshot for each disk.
 *
 * <pre>
 *   ROOT/images/DIGEST            the image; may be half copied
 *   ROOT/images/DIGEST@sha256-…   taken when it was whole: this is what makes it one
 *   ROOT/disks/VM-DISK            a clone of that
 * </pre>
 */
public final class VolumeStore {
  /** Enough of a digest to tell images apart in a dataset's name; the snapshot has all of it. */
  private static final int SHORT_DIGEST = 32;

  /** Copying another's image of many gigabytes. */
  private static final Duration OTHERS_IMPORT = Duration.ofHours(2);

  private static final Duration DEVICE_APPEARS = Duration.ofSeconds(10);

  private final ZfsDatasets datasets;
  private final String root;
  private final HostLocks locks;
  private final Path lockDirectory;

  /**
   * @param root dataset under which all is; must exist
   * @param lockDirectory for locks that keep two processes from copying one image
   */
  public VolumeStore(ZfsDatasets datasets, String root, HostLocks locks, Path lockDirectory) {
    this.datasets = datasets;
    this.root = root;
    this.locks = locks;
    this.lockDirectory = lockDirectory;
  }

  /** Name of the volume of a disk. */
  String volume(RawDiskRequest request) {
    return root + "/disks/" + request.vm() + "-" + request.diskId().toString().substring(0, 8);
  }

  /** Whether the disk is there, whole and as large as asked for. */
  boolean holds(RawDiskRequest request) {
    Optional<ZfsDataset> found = datasets.find(volume(request));
    return found.isPresent()
        && found.get().bears(ZfsMark.owner(request.owner()))
        && found.get().origin().equals(snapshot(request.digest()))
        && found.get().volumeBytes() >= request.size();
  }

  /**
   * Makes the disk, and the image it is cloned from if that is not there yet.
   *
   * @throws VmException dataset.foreign, dataset.missing, disk.full, image.invalid, …
   */
  void create(RawDiskRequest request, CopyProgress progress) throws InterruptedException {
    importImage(request.base(), request.digest(), progress);
    datasets.createFolder(root + "/disks");
    String volume = volume(request);
    datasets.cloneSnapshot(snapshot(request.digest()), volume, ZfsMark.owner(request.owner()));
    datasets.growVolume(volume, request.size());
    device(volume);
  }

  private void importImage(Disks.BaseImage base, String digest, CopyProgress progress)
      throws InterruptedException {
    if (isWhole(digest)) {
      return;
    }
    try (HostLock lock =
        locks.acquire(importLock(digest), HostLock.Mode.EXCLUSIVE, OTHERS_IMPORT)) {
      if (!isWhole(digest)) {
        copyImage(base, digest, progress);
      }
    }
  }

  private void copyImage(Disks.BaseImage base, String digest, CopyProgress progress)
      throws InterruptedException {
    ZfsMark mark = ZfsMark.image(digest);
    datasets.createFolder(root + "/images");
    // Without its snapshot it is what a copy that broke off has left: nothing can stand on it yet.
    datasets.destroy(image(digest), mark);
    datasets.createVolume(image(digest), base.sizeBytes(), mark);
    BaseCopy.write(base, device(image(digest)), progress);
    datasets.snapshot(snapshot(digest), mark);
  }

  private boolean isWhole(String digest) {
    return datasets
        .find(snapshot(digest))
        .filter(snapshot -> snapshot.bears(ZfsMark.image(digest)))
        .isPresent();
  }

  /**
   * The images that no disk was cloned from.
   *
   * @param needed digests of those to be left out
   */
  List<VolumeImage> unused(Set<String> needed) {
    List<ZfsDataset> all = datasets.tree(root);
    Set<String> origins = all.stream().map(ZfsDataset::origin).collect(Collectors.toSet());
    return all.stream()
        .filter(each -> each.kind() == ZfsDataset.Kind.VOLUME)
        .filter(each -> each.image().isPresent() && each.name().equals(image(digest(each))))
        .filter(each -> !needed.contains(digest(each)))
        .filter(each -> !origins.contains(snapshot(digest(each))))
        .map(
            each ->
                new VolumeImage(digest(each), each.name(), each.volumeBytes(), each.usedBytes()))
        .toList();
  }

  private static String digest(ZfsDataset image) {
    return image.image().orElseThrow();
  }

  /**
   * Destroys an image, unless somebody copies or clones it now.
   *
   * @return whether it is gone
   */
  boolean destroyImage(VolumeImage image) {
    Optional<HostLock> lock = locks.tryAcquire(importLock(image.digest()), HostLock.Mode.EXCLUSIVE);
    if (lock.isEmpty()) {
      return false;
    }
    try (HostLock held = lock.get()) {
      datasets.destroy(image.dataset(), ZfsMark.image(image.digest()));
      return true;
    } catch (VmException e) {
      if (e.code() != ErrorCode.DATASET_BUSY) {
        throw e;
      }
      // Others than we have cloned it, or one of ours has just now: it stays.
      return false;
    }
  }

  private Path importLock(String digest) {
    return lockDirectory.resolve(shortDigest(digest) + ".volume.lock");
  }

  /** Size of a volume in bytes. */
  long size(String volume) {
    return datasets
        .find(volume)
        .orElseThrow(
            () ->
                new VmException(
                    ErrorCode.DISK_MISSING,
                    "the disk " + volume + " is gone",
                    "'zfs list -r " + root + "' shows what there is; else create the VM anew"))
        .volumeBytes();
  }

  void grow(String volume, long bytes) {
    datasets.growVolume(volume, bytes);
  }

  void destroy(String volume, UUID owner) {
    datasets.destroy(volume, ZfsMark.owner(owner));
  }

  /** The device of a volume; after its making it takes a moment to appear. */
  Path device(String volume) throws InterruptedException {
    Path device = datasets.device(volume);
    long end = System.nanoTime() + DEVICE_APPEARS.toNanos();
    while (!Files.exists(device)) {
      if (System.nanoTime() - end > 0) {
        throw new VmException(
            ErrorCode.IO,
            "the device " + device + " of the volume " + volume + " does not appear",
            "is volmode of " + root + " 'none'? Set it to 'dev': zfs set volmode=dev " + root);
      }
      TimeUnit.MILLISECONDS.sleep(10);
    }
    return device;
  }

  /** The device of a volume, whether it is there or not. */
  Path devicePath(String volume) {
    return datasets.device(volume);
  }

  private String image(String digest) {
    return root + "/images/" + shortDigest(digest);
  }

  private String snapshot(String digest) {
    return image(digest) + "@" + digest.replace(':', '-');
  }

  private static String shortDigest(String digest) {
    int colon = digest.indexOf(':');
    return digest.substring(colon + 1, colon + 1 + SHORT_DIGEST);
  }
}
