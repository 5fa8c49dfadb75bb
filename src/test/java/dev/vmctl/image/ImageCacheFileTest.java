package dev.vmctl.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.vmctl.MountedFileSystem;
import dev.vmctl.QemuImg;
import dev.vmctl.faults.Area;
import dev.vmctl.faults.Fault;
import dev.vmctl.host.FileExtents;
import dev.vmctl.host.HostLock;
import dev.vmctl.host.LinuxHostLocks;
import dev.vmctl.host.LinuxHostProcesses;
import dev.vmctl.image.ImageSource.LocalFile;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImageCacheFileTest {
  private static final int MEGABYTE = 1 << 20;

  private final ExecutorService executor = Executors.newCachedThreadPool();
  private final LinuxHostLocks locks = new LinuxHostLocks(new LinuxHostProcesses());
  @TempDir Path directory;
  private Path images;
  private ImageCache cache;
  private Path file;

  @BeforeEach
  void makeAnImage() throws Exception {
    images = directory.resolve("images");
    cache = cacheIn(images);
    file = directory.resolve("disk.raw");
    Files.write(file, content(1, 3 * MEGABYTE));
  }

  @AfterEach
  void stop() {
    executor.shutdownNow();
  }

  private ImageCache cacheIn(Path where) {
    return new ImageCache(
        where, TestHost.with(locks), executor, Clock.systemUTC(), DownloadLimits.DEFAULT);
  }

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
  void manyCallersShareOneImport() throws Exception {
    List<CompletableFuture<CachedImage>> callers = new ArrayList<>();
    List<Long> writes = new ArrayList<>();
    try (HostLock _ = importLock()) {
      for (int i = 0; i < 20; i++) {
        callers.add(cache.ensure(new LocalFile(file), progress -> record(writes, progress)));
      }
    }
    CachedImage image = callers.getFirst().get();
    for (CompletableFuture<CachedImage> caller : callers) {
      assertThat(caller.get()).isEqualTo(image);
    }
    assertThat(cache.list()).containsExactly(image);
    // Every caller is told; one import tells each of them the end once.
    assertThat(writes.stream().filter(done -> done == 3L * MEGABYTE)).hasSize(20);
  }

  private static synchronized void record(List<Long> writes, ImageProgress progress) {
    if (progress.phase().equals("copying")) {
      writes.add(progress.doneBytes());
    }
  }

  @Test
  void anotherProcessAtTheSameImportIsWaitedFor() throws Exception {
    CountDownLatch waiting = new CountDownLatch(1);
    CompletableFuture<CachedImage> caller;
    try (HostLock _ = importLock()) {
      caller =
          cache.ensure(
              new LocalFile(file),
              progress -> {
                if (progress.phase().equals("waiting")) {
                  waiting.countDown();
                }
              });
      waiting.await();
      assertThat(caller).isNotDone();
    }
    assertThat(caller.get().digest()).isEqualTo("sha256:" + sha256(file));
  }

  @Test
  void oneCallerGivingUpLeavesTheOthersTheirImport() throws Exception {
    CompletableFuture<CachedImage> stays;
    try (HostLock _ = importLock()) {
      CompletableFuture<CachedImage> leaves = cache.ensure(new LocalFile(file), progress -> {});
      stays = cache.ensure(new LocalFile(file), progress -> {});
      leaves.cancel(true);
    }
    assertThat(stays.get().digest()).isEqualTo("sha256:" + sha256(file));
  }

  @Test
  void theLastCallerGivingUpEndsTheImportAndTheNextOneStartsAnew() throws Exception {
    CompletableFuture<CompletableFuture<CachedImage>> caller = new CompletableFuture<>();
    CountDownLatch cancelled = new CountDownLatch(1);
    caller.complete(
        cache.ensure(
            new LocalFile(file),
            progress -> {
              caller.join().cancel(true);
              cancelled.countDown();
            }));
    cancelled.await();
    assertThat(caller.join()).isCancelled();
    await().untilAsserted(() -> importLock().close());
    assertNothingLeftOver(images);
    assertThat(cache.list()).isEmpty();

    assertThat(ensure(file).digest()).isEqualTo("sha256:" + sha256(file));
  }

  @Test
  void aFileThatKeepsChangingIsNotTakenHalf() throws Exception {
    CompletableFuture<CachedImage> caller =
        cache.ensure(
            new LocalFile(file),
            progress -> {
              try {
                Files.write(file, content(progress.doneBytes(), 3 * MEGABYTE));
              } catch (IOException e) {
                throw new IllegalStateException(e);
              }
            });
    assertFails(ErrorCode.IO, caller, "kept changing");
    assertThat(cache.list()).isEmpty();
    assertNothingLeftOver(images);
  }

  @Test
  void aFileThatChangesOnceIsCopiedAgain() throws Exception {
    AtomicReference<Boolean> changed = new AtomicReference<>(false);
    CachedImage image =
        cache
            .ensure(
                new LocalFile(file),
                progress -> {
                  if (!changed.getAndSet(true)) {
                    try (RandomAccessFile cut = new RandomAccessFile(file.toFile(), "rw")) {
                      cut.setLength(2 * MEGABYTE);
                    } catch (IOException e) {
                      throw new IllegalStateException(e);
                    }
                  }
                })
            .get();
    assertThat(image.digest()).isEqualTo("sha256:" + sha256(file));
    assertThat(image.virtualSizeBytes()).isEqualTo(2 * MEGABYTE);
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

  @ParameterizedTest
  @ValueSource(strings = {"zstd", "xz", "gzip", "bzip2"})
  void aCompressedFileIsStoredAsItIsInside(String tool) throws Exception {
    Path compressed = compressed(tool, file);

    CachedImage image = ensure(compressed);

    assertThat(image.path()).hasSameBinaryContentAs(file);
    assertThat(image.digest()).isEqualTo("sha256:" + sha256(file));
    assertThat(cache.lookup(new LocalFile(compressed))).contains(image);
    byte[] whole = Files.readAllBytes(compressed);
    Path cut = Files.write(directory.resolve("cut"), Arrays.copyOf(whole, whole.length - 60));
    assertFails(
        ErrorCode.IMAGE_DECOMPRESSION_FAILED,
        cache.ensure(new LocalFile(cut), progress -> {}),
        "cut off");
    assertNothingLeftOver(images);
  }

  private Path compressed(String tool, Path what) throws Exception {
    Path target = directory.resolve("image." + tool);
    ProcessBuilder builder = new ProcessBuilder(tool, "-1", "-c", what.toString());
    Process process = builder.redirectOutput(target.toFile()).start();
    assertThat(process.waitFor()).isZero();
    return target;
  }

  @Test
  void aFileThatIsNotWhatWasDeclaredIsRefused() throws Exception {
    Path compressed = compressed("gzip", file);
    String inner = sha256(file);
    String outer = sha256(compressed);
    String wrong = "0".repeat(64);

    assertFails(
        ErrorCode.IMAGE_CHECKSUM_MISMATCH,
        cache.ensure(new LocalFile(compressed, wrong), progress -> {}),
        outer);
    assertThat(cache.list()).isEmpty();
    assertNothingLeftOver(images);
    CachedImage image = cache.ensure(new LocalFile(compressed, outer), progress -> {}).get();
    assertThat(cache.lookup(new LocalFile(compressed, "sha256:" + inner))).contains(image);
    assertThat(cache.lookup(new LocalFile(compressed, wrong))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"vmdk", "vdi", "vhdx", "vpc", "qed"})
  void imagesOfOtherMakersAreBasesOfDisks(String format) throws Exception {
    QemuImg.assumeInstalled();
    Path image = directory.resolve("image." + format);
    QemuImg.succeed("convert", "-f", "raw", "-O", format, "" + file, "" + image);

    CachedImage cached = ensure(image);

    Path overlay = directory.resolve("overlay.qcow2");
    QemuImg.succeed(
        "create",
        "-q",
        "-f",
        "qcow2",
        "-F",
        cached.format().text(),
        "-b",
        "" + cached.path(),
        "" + overlay,
        "" + cached.virtualSizeBytes());
    QemuImg.check(overlay);
    Path raw = directory.resolve("raw");
    QemuImg.succeed("convert", "-O", "raw", "" + overlay, "" + raw);
    byte[] first = Arrays.copyOf(Files.readAllBytes(raw), 3 * MEGABYTE);
    assertThat(first).isEqualTo(Files.readAllBytes(file));
  }

  @Test
  void aChainOfAnotherMakerIsRefused() throws Exception {
    QemuImg.assumeInstalled();
    Path base = directory.resolve("base.vmdk");
    Path top = directory.resolve("top.vmdk");
    QemuImg.succeed("create", "-q", "-f", "vmdk", "" + base, "8M");
    QemuImg.succeed("create", "-q", "-f", "vmdk", "-F", "vmdk", "-b", "" + base, "" + top);

    assertFails(
        ErrorCode.IMAGE_INVALID,
        cache.ensure(new LocalFile(top), progress -> {}),
        "another image below it");
    assertNothingLeftOver(images);
  }

  @Test
  void whatCannotBeReadSaysWhy() throws Exception {
    assertFails(
        ErrorCode.IMAGE_NOT_FOUND,
        cache.ensure(new LocalFile(directory.resolve("no")), progress -> {}),
        "no image");
    assertFails(
        ErrorCode.IMAGE_INVALID,
        cache.ensure(new LocalFile(directory), progress -> {}),
        "not a regular file");
  }

  @Test
  void anUnreadableFileIsNotCalledMissingAndTheSuperuserReadsIt() throws Exception {
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("---------"));
    if (Files.isReadable(file)) {
      assertThat(ensure(file).digest()).isEqualTo("sha256:" + sha256(file));
    } else {
      assertFails(ErrorCode.IO, cache.ensure(new LocalFile(file), progress -> {}), "permission");
    }
  }

  @Test
  void aTextThatIsNoDigestIsNoImage() {
    for (String text : List.of("", "sha256:", "sha256:../../../etc/passwd", "x")) {
      assertThat(cache.byDigest(text)).isEmpty();
    }
  }

  private HostLock importLock() throws Exception {
    Files.createDirectories(images.resolve("parts"));
    return locks
        .tryAcquire(
            images
                .resolve("parts")
                .resolve(CacheLayout.key(file.toRealPath().toString()) + ".lock"),
            HostLock.Mode.EXCLUSIVE)
        .orElseThrow();
  }

  private CachedImage ensure(Path path) throws Exception {
    return cache.ensure(new LocalFile(path), progress -> {}).get();
  }

  private static void assertNothingLeftOver(Path cache) throws Exception {
    try (var parts = Files.list(cache.resolve("parts"))) {
      assertThat(parts.filter(part -> part.toString().endsWith(".part"))).isEmpty();
    }
  }

  private static void assertFails(
      ErrorCode code, CompletableFuture<CachedImage> caller, String saying) {
    assertThatThrownBy(caller::join)
        .isInstanceOf(CompletionException.class)
        .cause()
        .isInstanceOfSatisfying(
            VmException.class,
            e -> {
              assertThat(e.code()).as(e.getMessage()).isEqualTo(code);
              assertThat(e.getMessage()).contains(saying);
              assertThat(e.help()).isNotEmpty();
            });
  }

  private static byte[] content(long seed, int length) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  private static String sha256(Path file) throws Exception {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    try (var in = Files.newInputStream(file)) {
      byte[] buffer = new byte[MEGABYTE];
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        digest.update(buffer, 0, count);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }
}
