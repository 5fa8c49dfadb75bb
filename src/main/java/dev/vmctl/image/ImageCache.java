package dev.vmctl.image;

import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * The images of this host, in a directory that several processes may use at a time. An import is
 * written aside, made durable, and renamed into place under the digest of its content; only then
 * does the index name it. So whatever is in place is whole, and a crash leaves nothing but a part
 * that the next start deletes.
 */
public final class ImageCache implements Images {
  private final ImageStore store;
  private final ImageStock stock;
  private final Executor executor;
  private final Clock clock;
  private final FileImport files;
  private final UrlImport urls;
  private final ImageBuild builds;
  private final ConcurrentMap<String, ImportTask> imports = new ConcurrentHashMap<>();

  /**
   * @param directory made if need be, at the first import
   * @param executor runs each import from its beginning to its end; it blocks and computes
   * @param limits {@link DownloadLimits#DEFAULT}, but in tests
   */
  public ImageCache(
      Path directory, ImageHost host, Executor executor, Clock clock, DownloadLimits limits) {
    CacheLayout layout = new CacheLayout(directory.toAbsolutePath().normalize());
    ImageIndex index = new ImageIndex(layout);
    this.store = new ImageStore(layout, host.locks(), new ImageTool(host.processes()), clock);
    this.stock = new ImageStock(layout, store, index, clock);
    this.executor = executor;
    this.clock = clock;
    this.files = new FileImport(layout, store, index, clock, limits);
    this.urls = new UrlImport(layout, store, index, clock, limits, host);
    this.builds = new ImageBuild(layout, store, index, clock, host.processes());
  }

  /**
   * Refuses a file that cannot be imported; of one that is compressed or converted on its way in
   * that shows only then.
   *
   * @throws VmException saying why
   */
  public static void require(Path file) {
    ImageProbe.require(file, file.toString());
  }

  /**
   * What an image file of this host is, in the cache or not; looks at its structure only.
   *
   * @throws VmException when it cannot be the base of a VM's disk, saying why
   */
  public static ImageFacts inspect(Path file) {
    Decompression way = Decompression.of(ImageProbe.head(file, file.toString()));
    if (way != Decompression.NONE) {
      throw new VmException(
          ErrorCode.IMAGE_UNSUPPORTED,
          file + " is compressed with " + way.text() + ": what is in it shows in the cache",
          "bring it in, which decompresses it: vmctl image pull " + file);
    }
    return ImageProbe.inspect(file, file.toString());
  }

  @Override
  public Optional<CachedImage> lookup(ImageSource source) {
    return switch (source) {
      case ImageSource.LocalFile file -> files.lookup(file);
      case ImageSource.Url url -> urls.lookup(url);
      case ImageSource.Build build -> builds.lookup(build);
    };
  }

  @Override
  public Optional<CachedImage> byDigest(String digest) {
    return store.byDigest(digest);
  }

  /** Everything in the cache, by digest. */
  public List<CachedImage> list() {
    return store.list();
  }

  @Override
  public List<StoredImage> stock() {
    return stock.list();
  }

  @Override
  public void name(CachedImage image, String name) {
    stock.name(image, name);
  }

  @Override
  public List<StoredImage> remove(Predicate<StoredImage> chosen, Supplier<Set<String>> needed) {
    return stock.remove(chosen, needed);
  }

  @Override
  public CompletableFuture<CachedImage> verify(
      CachedImage image, Consumer<ImageProgress> progress) {
    return join("verify " + image.digest(), task -> stock.verify(image, task), progress);
  }

  @Override
  public CompletableFuture<CachedImage> push(
      CachedImage image, String target, String title, Consumer<ImageProgress> progress) {
    return join(
        "push " + image.digest() + " " + target,
        task -> urls.push(image, target, title, task),
        progress);
  }

  /**
   * Deletes what imports left behind whose process ended in the middle; for the start of a daemon.
   * Imports that run, in whichever process, are left alone.
   *
   * @return how many were deleted
   */
  public int cleanUp() {
    return store.cleanUp();
  }

  @Override
  public CompletableFuture<CachedImage> ensure(
      ImageSource source, Consumer<ImageProgress> progress) {
    Optional<CachedImage> cached = lookup(source);
    return cached.isPresent()
        ? CompletableFuture.completedFuture(cached.get())
        : join("ensure " + name(source), task -> importNow(source, false, task), progress);
  }

  @Override
  public CompletableFuture<CachedImage> refresh(
      ImageSource source, Consumer<ImageProgress> progress) {
    return switch (source) {
      case ImageSource.LocalFile file -> ensure(file, progress);
      case ImageSource.Build build -> ensure(build, progress);
      case ImageSource.Url url ->
          join("refresh " + name(url), task -> importNow(url, true, task), progress);
    };
  }

  /** Those that demand different digests are different imports. */
  private static String name(ImageSource source) {
    return switch (source) {
      case ImageSource.LocalFile(Path path, String checksum) -> path + " " + checksum;
      case ImageSource.Url(String url, String checksum) -> url + " " + checksum;
      case ImageSource.Build build -> build.text();
    };
  }

  private CompletableFuture<CachedImage> join(
      String name, ImportTask.Work work, Consumer<ImageProgress> progress) {
    while (true) {
      ImportTask fresh = new ImportTask(work, clock);
      ImportTask running = imports.putIfAbsent(name, fresh);
      ImportTask task = running == null ? fresh : running;
      Optional<CompletableFuture<CachedImage>> waiter = task.join(progress);
      if (running == null) {
        start(name, fresh);
      }
      if (waiter.isPresent()) {
        task.watch(waiter.get());
        return waiter.get();
      }
      imports.remove(name, task);
    }
  }

  private void start(String name, ImportTask task) {
    try {
      executor.execute(
          () -> {
            try {
              task.run();
            } finally {
              imports.remove(name, task);
            }
          });
    } catch (RejectedExecutionException e) {
      imports.remove(name, task);
      task.fail(e);
    }
  }

  private CachedImage importNow(ImageSource source, boolean refresh, ImportTask task)
      throws InterruptedException {
    return switch (source) {
      case ImageSource.LocalFile file -> files.run(file, task);
      case ImageSource.Url url -> urls.run(url, refresh, task);
      case ImageSource.Build build -> builds.run(build, task);
    };
  }
}
