package dev.vmctl.image;

import dev.vmctl.host.HostLock;
import dev.vmctl.image.ImageIndex.Entry;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Brings in the images of URLs. */
final class UrlImport {
  private final CacheLayout layout;
  private final ImageStore store;
  private final ImageIndex index;
  private final Clock clock;
  private final Http http;
  private final Download download;
  private final ImageHost host;
  private @Nullable OciRegistries registries;

  UrlImport(
      CacheLayout layout,
      ImageStore store,
      ImageIndex index,
      Clock clock,
      DownloadLimits limits,
      ImageHost host) {
    this.layout = layout;
    this.store = store;
    this.index = index;
    this.clock = clock;
    this.http = new Http(limits);
    this.download = new Download(layout, limits, host);
    this.host = host;
  }

  /** What the index has, if it is known to be what the source declares. */
  Optional<CachedImage> lookup(ImageSource.Url source) {
    return index
        .get(CacheLayout.key(source.url()))
        .filter(entry -> entry.isVerified(source.checksum()))
        .flatMap(entry -> store.byDigest(entry.digest()));
  }

  /**
   * @param refresh whether to ask the server if the image has changed
   */
  CachedImage run(ImageSource.Url source, boolean refresh, ImportTask task)
      throws InterruptedException {
    ImageUrl url = ImageUrl.parse(source.url());
    String key = CacheLayout.key(source.url());
    try (HostLock _ = store.lock(key, task)) {
      Optional<CachedImage> known = lookup(source);
      if (known.isPresent() && !refresh) {
        // Another process was faster.
        return known.get();
      }
      Optional<Entry> had = index.get(key);
      Optional<CachedImage> old = had.flatMap(entry -> store.byDigest(entry.digest()));
      @Nullable String expected =
          Checksum.of(source.checksum())
              .map(checksum -> checksum.expected(url.name(), http))
              .orElse(null);
      Origin origin = url.isOci() ? registries().resolve(url) : Origin.of(url, http);
      Optional<CachedImage> unchanged = unchanged(origin, had, old, expected, key, source);
      if (unchanged.isPresent()) {
        return unchanged.get();
      }
      try {
        Optional<Download.Arrived> arrived =
            download.fetch(origin, key, old.flatMap(image -> conditions(had, expected)), task);
        return arrived.isPresent()
            ? publish(key, url, source, demanded(origin, expected), arrived.get())
            : old.orElseThrow(() -> new IllegalStateException("unchanged since nothing"));
      } finally {
        ImageStore.discard(layout.part(key));
      }
    }
  }

  /** Puts an image into a registry. */
  CachedImage push(CachedImage image, String target, String title, ImportTask task) {
    ImageUrl url = ImageUrl.parse(target);
    if (!url.isOci()) {
      throw new VmException(
          ErrorCode.USAGE,
          "images are pushed to registries only, not to " + url.shown(),
          "write it as oci://registry/repository:tag");
    }
    new OciPush(registries().session(url, "pull,push")).push(image, title, task);
    return image;
  }

  /** When the first is spoken to: who uses none does not wait for their library. */
  private synchronized OciRegistries registries() {
    OciRegistries known = registries;
    if (known == null) {
      known = new OciRegistries(http, host);
      registries = known;
    }
    return known;
  }

  /** The image that is there, when its address or its digest proves that it is still the one. */
  private Optional<CachedImage> unchanged(
      Origin origin,
      Optional<Entry> had,
      Optional<CachedImage> old,
      @Nullable String expected,
      String key,
      ImageSource.Url source) {
    if (had.isEmpty() || old.isEmpty()) {
      return Optional.empty();
    }
    Entry entry = had.get();
    boolean listed =
        expected != null && (expected.equals(entry.digest()) || expected.equals(entry.published()));
    boolean addressed =
        expected == null
            && origin.digest().isPresent()
            && origin.digest().get().equals(entry.published());
    if (listed) {
      index.put(key, entry.withChecksum(source.checksum()));
    }
    return listed || addressed ? old : Optional.empty();
  }

  private static List<String> demanded(Origin origin, @Nullable String expected) {
    return Stream.concat(origin.digest().stream(), Stream.ofNullable(expected)).toList();
  }

  /** With another digest expected than the old one had, only all of it will do. */
  private static Optional<Validators> conditions(Optional<Entry> had, @Nullable String expected) {
    return expected != null
        ? Optional.empty()
        : had.map(entry -> new Validators(entry.etag(), entry.lastModified()))
            .filter(validators -> !validators.isEmpty());
  }

  /**
   * @throws VmException image.checksum_mismatch, image.invalid, …; then nothing is left of it
   */
  private CachedImage publish(
      String key,
      ImageUrl url,
      ImageSource.Url source,
      List<String> demanded,
      Download.Arrived arrived)
      throws InterruptedException {
    try {
      for (String wanted : demanded) {
        Checksum.verify(wanted, arrived.published(), arrived.digest(), url.shown());
      }
      CachedImage image = store.publish(arrived.file(), arrived.digest(), url.shown());
      index.put(
          key,
          Entry.ofUrl(
              url.shown(),
              image.digest(),
              clock.instant(),
              arrived.validators(),
              arrived.published(),
              source.checksum()));
      return image;
    } finally {
      new Partial(layout).discard(key);
    }
  }
}
