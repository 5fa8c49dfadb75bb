package dev.vmctl.image;

import dev.vmctl.host.HostLock;
import dev.vmctl.host.HostLocks;
import dev.vmctl.model.VmException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;

/**
 * The images of this host, in a directory that several processes may use at a time. An import is
 * written aside, made durable, and renamed into place under the digest of its content; only then
 * does the index name it. So whatever is in place is whole, and a crash leaves nothing but a part
 * that the next start deletes.
 */
public final class ImageCache implements Images {
  private final CacheLayout layout;
  private final ImageStore store;
  private final Executor executor;
  private final Clock clock;
  private final ImageIndex index;
  private final LocalImport localImport;
  private final Download download;
  private final ConcurrentMap<String, ImportTask> imports = new ConcurrentHashMap<>();

  /**
   * @param directory made if need be, at the first import
   * @param executor runs each import from its beginning to its end; it blocks and computes, so it
   *     is best given platform threads
   * @param limits {@link DownloadLimits#DEFAULT}, but in tests
   */
  public ImageCache(
      Path directory, HostLocks locks, Executor executor, Clock clock, DownloadLimits limits) {
    this.layout = new CacheLayout(directory.toAbsolutePath().normalize());
    this.store = new ImageStore(layout, locks);
    this.executor = executor;
    this.clock = clock;
    this.index = new ImageIndex(layout);
    this.localImport = new LocalImport(clock);
    this.download = new Download(limits);
  }

  /**
   * What an image file of this host is, in the cache or not; looks at its structure only.
   *
   * @throws VmException when it cannot be the base of a VM's disk, saying why
   */
  public static ImageFacts inspect(Path file) {
    return ImageProbe.inspect(file, file.toString());
  }

  @Override
  public Optional<CachedImage> lookup(ImageSource source) {
    return switch (source) {
      case ImageSource.LocalFile(Path path) -> lookupFile(path);
      case ImageSource.Url(String url) ->
          index.get(CacheLayout.key(url)).flatMap(entry -> byDigest(entry.digest()));
    };
  }

  private Optional<CachedImage> lookupFile(Path path) {
    try {
      FileIdentity identity = FileIdentity.of(path);
      return index
          .get(CacheLayout.key(identity.path().toString()))
          .filter(entry -> identity.equals(entry.file()))
          .flatMap(entry -> byDigest(entry.digest()));
    } catch (IOException e) {
      // Gone or unreadable: nothing to be told from it. The import says which.
      return Optional.empty();
    }
  }

  @Override
  public Optional<CachedImage> byDigest(String digest) {
    return store.byDigest(digest);
  }

  /** Everything in the cache, by digest. */
  public List<CachedImage> list() {
    return store.list();
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
        : join(source, false, progress);
  }

  /**
   * As {@link #ensure}, but of a URL it asks the server whether the image has changed, and fetches
   * it if so; the old image stays in the cache for the VMs that use it.
   */
  public CompletableFuture<CachedImage> refresh(
      ImageSource source, Consumer<ImageProgress> progress) {
    return switch (source) {
      case ImageSource.LocalFile file -> ensure(file, progress);
      case ImageSource.Url url -> join(url, true, progress);
    };
  }

  private CompletableFuture<CachedImage> join(
      ImageSource source, boolean refresh, Consumer<ImageProgress> progress) {
    String name = (refresh ? "refresh " : "ensure ") + source.text();
    while (true) {
      ImportTask fresh = new ImportTask(task -> importNow(source, refresh, task), clock);
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
      case ImageSource.LocalFile(Path path) -> importFile(path, task);
      case ImageSource.Url(String url) -> importUrl(url, refresh, task);
    };
  }

  private CachedImage importFile(Path path, ImportTask task) throws InterruptedException {
    Path canonical = canonical(path);
    String key = CacheLayout.key(canonical.toString());
    try (HostLock _ = store.lock(key, task)) {
      Path part = layout.part(key);
      Optional<CachedImage> already = lookupFile(canonical);
      if (already.isPresent()) {
        // Another process was faster.
        return already.get();
      }
      try {
        LocalImport.Copied copied = localImport.copy(canonical, part, task);
        CachedImage image = store.publish(part, copied.digest(), path.toString());
        index.put(
            key,
            ImageIndex.Entry.ofFile(
                canonical.toString(), image.digest(), clock.instant(), copied.identity()));
        return image;
      } finally {
        ImageStore.discard(part);
      }
    }
  }

  private static Path canonical(Path path) {
    try {
      return path.toRealPath();
    } catch (IOException e) {
      throw ImageProbe.failure(path.toString(), e);
    }
  }

  private CachedImage importUrl(String text, boolean refresh, ImportTask task)
      throws InterruptedException {
    ImageUrl url = ImageUrl.parse(text);
    String key = CacheLayout.key(text);
    try (HostLock _ = store.lock(key, task)) {
      Path part = layout.part(key);
      Optional<CachedImage> cached = lookup(new ImageSource.Url(text));
      if (cached.isPresent() && !refresh) {
        return cached.get();
      }
      try {
        Optional<Download.Arrived> arrived =
            download.fetch(url, cached.flatMap(image -> validators(key)), part, task);
        return arrived.isPresent()
            ? remember(key, url, part, arrived.get())
            : cached.orElseThrow(() -> new IllegalStateException("unchanged since nothing"));
      } finally {
        ImageStore.discard(part);
      }
    }
  }

  private Optional<Download.Validators> validators(String key) {
    return index
        .get(key)
        .map(entry -> new Download.Validators(entry.etag(), entry.lastModified()))
        .filter(known -> known.etag() != null || known.lastModified() != null);
  }

  private CachedImage remember(String key, ImageUrl url, Path part, Download.Arrived arrived) {
    CachedImage image = store.publish(part, arrived.digest(), url.shown());
    index.put(
        key,
        ImageIndex.Entry.ofUrl(
            url.shown(),
            image.digest(),
            clock.instant(),
            arrived.validators().etag(),
            arrived.validators().lastModified()));
    return image;
  }
}
