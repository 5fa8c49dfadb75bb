package dev.vmctl.image;

import dev.vmctl.host.HostLock;
import dev.vmctl.image.ImageIndex.Entry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;

/** Brings in files of this host. */
final class FileImport {
  private final CacheLayout layout;
  private final ImageStore store;
  private final ImageIndex index;
  private final Clock clock;
  private final Http http;
  private final LocalCopy copy;

  FileImport(
      CacheLayout layout, ImageStore store, ImageIndex index, Clock clock, DownloadLimits limits) {
    this.layout = layout;
    this.store = store;
    this.index = index;
    this.clock = clock;
    this.http = new Http(limits);
    this.copy = new LocalCopy(clock);
  }

  Optional<CachedImage> lookup(ImageSource.LocalFile source) {
    try {
      FileIdentity identity = FileIdentity.of(source.path());
      return index
          .get(CacheLayout.key(identity.path().toString()))
          .filter(entry -> identity.equals(entry.file()))
          .filter(entry -> entry.isVerified(source.checksum()))
          .flatMap(entry -> store.byDigest(entry.digest()));
    } catch (IOException e) {
      // Gone or unreadable: nothing to be told from it. The import says which.
      return Optional.empty();
    }
  }

  CachedImage run(ImageSource.LocalFile source, ImportTask task) throws InterruptedException {
    Path canonical = canonical(source.path());
    String key = CacheLayout.key(canonical.toString());
    try (HostLock _ = store.lock(key, task)) {
      Path part = layout.part(key);
      Optional<CachedImage> already = lookup(source);
      if (already.isPresent()) {
        // Another process was faster.
        return already.get();
      }
      try {
        Optional<String> expected =
            Checksum.of(source.checksum())
                .map(
                    checksum ->
                        checksum.expected(Checksum.lastPart(source.path().toString()), http));
        LocalCopy.Copied copied = copy.copy(canonical, part, task);
        expected.ifPresent(
            digest -> Checksum.verify(digest, copied.published(), copied.digest(), source.text()));
        CachedImage image = store.publish(part, copied.digest(), source.path().toString());
        index.put(
            key,
            Entry.ofFile(
                canonical.toString(),
                image.digest(),
                clock.instant(),
                copied.identity(),
                copied.published(),
                source.checksum()));
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
}
