package dev.vmctl.image;

import dev.vmctl.host.AtomicFiles;
import dev.vmctl.host.HostLock;
import dev.vmctl.host.HostLocks;
import dev.vmctl.host.Log;
import dev.vmctl.qcow2.Qcow2FormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** The files of the cache: how they get in, and what is there. */
final class ImageStore {
  private static final System.Logger LOG = Log.of(ImageStore.class);

  /** A download in another process may take long; whoever does not want to wait cancels. */
  private static final Duration PATIENCE = Duration.ofDays(7);

  private static final String CONVERTED = ".qcow2";

  private final CacheLayout layout;

  /** Longer than anybody waits for the rest of a download. */
  private static final Duration PARTIAL_KEPT = Duration.ofDays(7);

  private final HostLocks locks;
  private final ImageTool tool;
  private final Clock clock;

  ImageStore(CacheLayout layout, HostLocks locks, ImageTool tool, Clock clock) {
    this.layout = layout;
    this.locks = locks;
    this.tool = tool;
    this.clock = clock;
  }

  Optional<CachedImage> byDigest(String digest) {
    return layout.image(digest).flatMap(file -> cached(file, digest));
  }

  List<CachedImage> list() {
    List<CachedImage> images = new ArrayList<>();
    try (var files = Files.newDirectoryStream(layout.images())) {
      for (Path file : files) {
        byDigest(CacheLayout.DIGEST_PREFIX + file.getFileName()).ifPresent(images::add);
      }
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (IOException e) {
      throw AtomicFiles.failure("list", layout.images(), e);
    }
    images.sort(Comparator.comparing(CachedImage::digest));
    return List.copyOf(images);
  }

  private static Optional<CachedImage> cached(Path file, String digest) {
    try {
      ImageFacts facts = ImageProbe.glance(file);
      return Optional.of(new CachedImage(file, digest, facts.format(), facts.virtualSizeBytes()));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException | Qcow2FormatException e) {
      // It was whole when it came in. Taken for absent, it is imported anew.
      LOG.log(System.Logger.Level.WARNING, "damaged image in the cache: " + file, e);
      return Optional.empty();
    }
  }

  /** The lock of who imports a source; waits for another process that does. */
  HostLock lock(String key, ImportTask task) throws InterruptedException {
    layout.create();
    Optional<HostLock> free = locks.tryAcquire(layout.lock(key), HostLock.Mode.EXCLUSIVE);
    if (free.isPresent()) {
      return free.get();
    }
    task.report("waiting", 0, -1);
    return locks.acquire(layout.lock(key), HostLock.Mode.EXCLUSIVE, PATIENCE);
  }

  /**
   * Gives a part its place in the cache; from then on it never changes. What QEMU cannot read as it
   * is becomes a qcow2 image first, of another digest.
   */
  CachedImage publish(Path part, String digest, String source) throws InterruptedException {
    Optional<String> driver = ForeignFormats.converted(ImageProbe.head(part, source));
    if (driver.isEmpty()) {
      return put(part, digest, source);
    }
    Path converted = part.resolveSibling(part.getFileName() + CONVERTED);
    try {
      tool.convert(part, driver.get(), converted, source);
      return put(converted, digestOf(converted), source);
    } finally {
      discard(converted);
      discard(part);
    }
  }

  private static String digestOf(Path file) {
    try {
      return LocalCopy.digestOf(file, (done, total) -> {});
    } catch (IOException e) {
      throw AtomicFiles.failure("read", file, e);
    }
  }

  private CachedImage put(Path part, String digest, String source) throws InterruptedException {
    ImageFacts facts = ImageProbe.inspect(part, source);
    if (facts.format() != ImageFormat.QCOW2 && facts.format() != ImageFormat.RAW) {
      tool.requireReadable(part, facts.format(), source);
    }
    Path image = layout.image(digest).orElseThrow();
    try {
      Files.setPosixFilePermissions(part, PosixFilePermissions.fromString("r--r--r--"));
      // Same digest, same size: the same content came from another source. One of another size was
      // damaged since, and is replaced.
      if (!Files.exists(image) || Files.size(image) != facts.fileBytes()) {
        Files.move(part, image, StandardCopyOption.ATOMIC_MOVE);
        AtomicFiles.syncDirectory(layout.images());
      }
    } catch (IOException e) {
      throw AtomicFiles.failure("put an image into", layout.images(), e);
    }
    return new CachedImage(image, digest, facts.format(), facts.virtualSizeBytes());
  }

  static void discard(Path part) {
    try {
      Files.deleteIfExists(part);
    } catch (IOException e) {
      LOG.log(System.Logger.Level.WARNING, "cannot delete " + part, e);
    }
  }

  /**
   * Deletes parts that nobody writes any more, but not what a download can go on from; answers how
   * many.
   */
  int cleanUp() {
    int deleted = 0;
    try (var parts = Files.newDirectoryStream(layout.parts())) {
      for (Path part : parts) {
        deleted += deleteIfAbandoned(part) ? 1 : 0;
      }
    } catch (NoSuchFileException e) {
      return 0;
    } catch (IOException e) {
      throw AtomicFiles.failure("clean up", layout.parts(), e);
    }
    return deleted;
  }

  private boolean deleteIfAbandoned(Path part) throws IOException {
    String name = part.getFileName().toString();
    String key = name.substring(0, Math.max(0, name.indexOf('.')));
    if (!CacheLayout.isHex(key) || name.endsWith(CacheLayout.LOCK)) {
      return false;
    }
    Optional<HostLock> lock = locks.tryAcquire(layout.lock(key), HostLock.Mode.EXCLUSIVE);
    if (lock.isEmpty()) {
      return false;
    }
    try (HostLock _ = lock.get()) {
      if (isOfUse(part, name)) {
        return false;
      }
      if (Files.isDirectory(part, LinkOption.NOFOLLOW_LINKS)) {
        ImageBuild.deleteTree(part);
        return true;
      }
      return Files.deleteIfExists(part);
    }
  }

  private boolean isOfUse(Path part, String name) throws IOException {
    if (!name.endsWith(CacheLayout.WIRE) && !name.endsWith(CacheLayout.RESUME)) {
      return false;
    }
    try {
      return Files.getLastModifiedTime(part)
          .toInstant()
          .isAfter(clock.instant().minus(PARTIAL_KEPT));
    } catch (NoSuchFileException e) {
      return true;
    }
  }
}
