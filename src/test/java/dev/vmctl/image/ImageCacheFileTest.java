package dev.vmctl.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmctl.MountedFileSystem;
import dev.vmctl.faults.Area;
import dev.vmctl.faults.Fault;
import dev.vmctl.host.FileExtents;
import dev.vmctl.host.HostLock;
import dev.vmctl.image.ImageSource.LocalFile;
import dev.vmctl.model.ErrorCode;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Files in the cache: named by their content, found again, and as small as they can be. */
class ImageCacheFileTest extends ImageCacheFileFixture {
  @Test
  void anImportedImageIsReadOnlyAndNamedByItsContent() throws Exception {
    assertThat(cache.lookup(new LocalFile(file))).isEmpty();

    CachedImage image = ensure(file);

    assertThat(image.digest()).isEqualTo("sha256:" + sha256(file));
    assertThat(image.format()).isEqualTo(ImageFormat.RAW);
    assertThat(image.virtualSizeBytes()).isEqualTo(3 * MEGABYTE);
    assertThat(image.path()).hasSameBinaryContentAs(file);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(image.path())))
        .isEqualTo("r--r--r--");
    assertThat(cache.lookup(new LocalFile(file))).contains(image);
    assertThat(cacheIn(images).lookup(new LocalFile(file))).contains(image);
    assertThat(cache.byDigest(image.digest())).contains(image);
    assertThat(cache.list()).containsExactly(image);
    assertNothingLeftOver(images);
  }

  @Test
  void aLinkToAnImageIsThatImage() throws Exception {
    CachedImage image = ensure(file);
    Path link = Files.createSymbolicLink(directory.resolve("link"), file);
    assertThat(cache.lookup(new LocalFile(link))).contains(image);
  }

  @Test
  @Fault(
      area = Area.IMAGE,
      value = "rewritten in place",
      silent = "VMs that run on the old content keep it; new ones get the new")
  void aChangedFileIsAnotherImageAndTheOldOneStays() throws Exception {
    CachedImage first = ensure(file);
    FileTime time = Files.getLastModifiedTime(file);
    // Same size, same time: only the kernel's own change time tells.
    Files.write(file, content(2, 3 * MEGABYTE));
    Files.setLastModifiedTime(file, time);

    assertThat(cache.lookup(new LocalFile(file))).isEmpty();
    CachedImage second = ensure(file);

    assertThat(second.digest()).isNotEqualTo(first.digest());
    assertThat(cache.byDigest(first.digest())).contains(first);
    assertThat(cache.list()).hasSize(2);
  }

  @Test
  void twoFilesOfOneContentShareOneImage() throws Exception {
    Path copy = Files.copy(file, directory.resolve("copy.raw"));
    assertThat(ensure(copy)).isEqualTo(ensure(file));
    assertThat(cache.list()).hasSize(1);
  }

  @Test
  void anImageDeletedFromTheCacheIsImportedAgain() throws Exception {
    CachedImage image = ensure(file);
    Files.delete(image.path());
    assertThat(cache.lookup(new LocalFile(file))).isEmpty();
    assertThat(cache.byDigest(image.digest())).isEmpty();
    assertThat(ensure(file)).isEqualTo(image);
    assertThat(image.path()).exists();
  }

  @Test
  void aDamagedIndexCostsNoMoreThanAnImport() throws Exception {
    CachedImage image = ensure(file);
    try (var entries = Files.list(images.resolve("index"))) {
      Files.writeString(entries.findFirst().orElseThrow(), "{half");
    }
    assertThat(cache.lookup(new LocalFile(file))).isEmpty();
    assertThat(ensure(file)).isEqualTo(image);
    assertThat(cache.lookup(new LocalFile(file))).contains(image);
  }

  @Test
  void holesAndZerosTakeNoSpaceInTheCache() throws Exception {
    try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.setLength(200L * MEGABYTE + 512);
      sparse.seek(100L * MEGABYTE);
      sparse.write(new byte[8 * MEGABYTE]);
      sparse.write(content(3, 1000));
    }
    CachedImage image = ensure(file);

    assertThat(image.digest()).isEqualTo("sha256:" + sha256(file));
    assertThat(Files.size(image.path())).isEqualTo(200L * MEGABYTE + 512);
    assertThat(image.path()).hasSameBinaryContentAs(file);
    assertThat(FileExtents.dataBytes(image.path())).isLessThan(4 * MEGABYTE);
  }

  @Test
  void whereBlocksCanBeSharedAnImportTakesNone() throws Exception {
    try (MountedFileSystem shared = MountedFileSystem.sharing(directory)) {
      Path source = shared.root().resolve("disk.raw");
      Files.write(source, content(4, 64 * MEGABYTE));
      long free = Files.getFileStore(source).getUsableSpace();

      ImageCache there = cacheIn(shared.root().resolve("images"));
      CachedImage image = there.ensure(new LocalFile(source), progress -> {}).join();

      assertThat(image.digest()).isEqualTo("sha256:" + sha256(source));
      assertThat(free - Files.getFileStore(source).getUsableSpace()).isLessThan(8L * MEGABYTE);
    }
  }

  @Test
  void aFullDiskIsToldApartAndNothingIsLeft() throws Exception {
    try (MountedFileSystem small = MountedFileSystem.small(directory.resolve("small"), "1m")) {
      Path where = small.root().resolve("images");
      assertFails(
          ErrorCode.DISK_FULL, cacheIn(where).ensure(new LocalFile(file), progress -> {}), "space");
      assertThat(cacheIn(where).list()).isEmpty();
      assertNothingLeftOver(where);
    }
  }

  @Test
  void onlyPartsNobodyWritesAreCleanedUp() throws Exception {
    ensure(file);
    Path parts = images.resolve("parts");
    Path dead = Files.writeString(parts.resolve(CacheLayout.key("dead") + ".part"), "x");
    Path foreign = Files.writeString(parts.resolve("mine.part"), "x");
    Path living = Files.writeString(parts.resolve(CacheLayout.key("living") + ".part"), "x");
    try (HostLock _ =
        locks
            .tryAcquire(parts.resolve(CacheLayout.key("living") + ".lock"), HostLock.Mode.EXCLUSIVE)
            .orElseThrow()) {
      assertThat(cache.cleanUp()).isEqualTo(1);
    }
    assertThat(dead).doesNotExist();
    assertThat(foreign).exists();
    assertThat(living).exists();
    assertThat(cacheIn(directory.resolve("none")).cleanUp()).isZero();
  }

  @Test
  void aPartOfACrashedImportIsOverwrittenByTheNext() throws Exception {
    Files.createDirectories(images.resolve("parts"));
    Files.write(
        images.resolve("parts").resolve(CacheLayout.key(file.toRealPath().toString()) + ".part"),
        content(9, 5 * MEGABYTE));
    CachedImage image = ensure(file);
    assertThat(image.path()).hasSameBinaryContentAs(file);
    assertNothingLeftOver(images);
  }

  @Test
  void aTextThatIsNoDigestIsNoImage() {
    for (String text : List.of("", "sha256:", "sha256:../../../etc/passwd", "x")) {
      assertThat(cache.byDigest(text)).isEmpty();
    }
  }
}
