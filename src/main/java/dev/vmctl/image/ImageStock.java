package dev.vmctl.image;

import dev.vmctl.host.AtomicFiles;
import dev.vmctl.host.FileExtents;
import dev.vmctl.image.ImageIndex.Entry;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** What is in the cache, and how it gets out of it. */
final class ImageStock {
  private final CacheLayout layout;
  private final ImageStore store;
  private final ImageIndex index;
  private final Clock clock;

  ImageStock(CacheLayout layout, ImageStore store, ImageIndex index, Clock clock) {
    this.layout = layout;
    this.store = store;
    this.index = index;
    this.clock = clock;
  }

  List<StoredImage> list() {
    Map<String, Entry> entries = index.all();
    return store.list().stream()
        .flatMap(image -> stored(image, entries).stream())
        .sorted(Comparator.comparing(StoredImage::importedAt).reversed())
        .toList();
  }

  /** Empty when somebody deleted it just now. */
  private static Optional<StoredImage> stored(CachedImage image, Map<String, Entry> entries) {
    List<Entry> its =
        entries.values().stream().filter(e -> e.digest().equals(image.digest())).toList();
    try {
      return Optional.of(
          new StoredImage(
              image,
              Files.size(image.path()),
              FileExtents.dataBytes(image.path()),
              its.stream()
                  .filter(e -> e.name() == null)
                  .map(Entry::source)
                  .distinct()
                  .sorted()
                  .toList(),
              its.stream().flatMap(e -> Stream.ofNullable(e.name())).sorted().toList(),
              its.stream()
                  .flatMap(e -> Stream.ofNullable(e.published()))
                  .filter(digest -> !digest.equals(image.digest()))
                  .distinct()
                  .sorted()
                  .toList(),
              its.stream()
                  .map(Entry::importedAt)
                  .min(Comparator.naturalOrder())
                  .orElse(Files.getLastModifiedTime(image.path()).toInstant())));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw AtomicFiles.failure("look at", image.path(), e);
    }
  }

  /** Gives an image a name; the one that had it loses it. */
  void name(CachedImage image, String name) {
    index.put(
        CacheLayout.key("name " + name),
        Entry.ofName("named " + name, image.digest(), clock.instant(), name));
  }

  /**
   * Makes sure that an image is still what its digest says.
   *
   * @throws VmException image.checksum_mismatch when it is not
   */
  CachedImage verify(CachedImage image, ImportTask task) {
    String digest;
    try {
      digest =
          LocalCopy.digestOf(image.path(), (done, total) -> task.report("verifying", done, total));
    } catch (IOException e) {
      throw AtomicFiles.failure("read", image.path(), e);
    }
    if (!digest.equals(image.digest())) {
      throw new VmException(
          ErrorCode.IMAGE_CHECKSUM_MISMATCH,
          "the image "
              + image.digest()
              + " is damaged: its file "
              + image.path()
              + " has "
              + digest,
          "stop the VMs on it, look at the disk's health, and get it again: vmctl image rm, vmctl image pull");
    }
    ImageProbe.inspect(image.path(), image.digest());
    return image;
  }

  /**
   * Deletes images, but none that is needed. Each is first put aside and its uses are looked up
   * once more: a disk that was made on it in between is seen then, and one that is made later does
   * not find it.
   *
   * @param needed digests in use, as they are now
   */
  List<StoredImage> remove(Predicate<StoredImage> chosen, Supplier<Set<String>> needed) {
    Set<String> known = needed.get();
    List<StoredImage> removed = new ArrayList<>();
    for (StoredImage each : list()) {
      String digest = each.image().digest();
      if (chosen.test(each) && !known.contains(digest) && removeUnlessNeeded(each, needed)) {
        removed.add(each);
      }
    }
    forgetWhatIsGone();
    return List.copyOf(removed);
  }

  private boolean removeUnlessNeeded(StoredImage stored, Supplier<Set<String>> needed) {
    Path image = stored.image().path();
    Path aside = layout.part(CacheLayout.key("removed " + stored.image().digest()));
    try {
      Files.move(image, aside, StandardCopyOption.ATOMIC_MOVE);
      boolean done = false;
      try {
        done = !needed.get().contains(stored.image().digest());
      } finally {
        if (!done) {
          Files.move(aside, image, StandardCopyOption.ATOMIC_MOVE);
        }
      }
      if (done) {
        Files.delete(aside);
        AtomicFiles.syncDirectory(layout.images());
      }
      return done;
    } catch (IOException e) {
      throw AtomicFiles.failure("delete", image, e);
    }
  }

  private void forgetWhatIsGone() {
    Instant now = clock.instant();
    index
        .all()
        .forEach(
            (key, entry) -> {
              boolean gone = layout.image(entry.digest()).map(Files::notExists).orElse(true);
              if (gone && entry.importedAt().isBefore(now)) {
                index.remove(key);
              }
            });
  }
}
