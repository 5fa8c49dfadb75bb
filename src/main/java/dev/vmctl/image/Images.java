package dev.vmctl.image;

import dev.vmctl.model.VmException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** The image cache's door. */
public interface Images {
  /**
   * The cached image for this source if it can be told without reading or fetching content: for a
   * file by its identity, size and times; for a URL by the index. Takes microseconds, not more, and
   * never fails: a file that is gone or unreadable is not there, {@link #ensure} says why.
   */
  Optional<CachedImage> lookup(ImageSource source);

  /**
   * Makes the cache hold this source's image. Two callers for one source share one import.
   * Cancelling the future gives up this caller's wait and, with the last caller, the import. A
   * failed or cancelled import leaves nothing behind.
   *
   * @param progress told now and then how far it is; may be called from any thread
   * @return fails with a {@link VmException}: image.not_found, image.invalid,
   *     image.download_failed, image.checksum_mismatch, disk.full, …
   */
  CompletableFuture<CachedImage> ensure(ImageSource source, Consumer<ImageProgress> progress);

  /**
   * As {@link #ensure}, but of a URL it asks the server whether the image has changed, and fetches
   * it if so; the old image stays in the cache for the VMs that use it.
   */
  CompletableFuture<CachedImage> refresh(ImageSource source, Consumer<ImageProgress> progress);

  /** The cached image of this digest. */
  Optional<CachedImage> byDigest(String digest);

  /** Everything in the cache, newest first. */
  List<StoredImage> stock();

  /** Gives an image a name; the one that had it loses it. */
  void name(CachedImage image, String name);

  /**
   * Reads an image whole, to see that it is what its digest says.
   *
   * @return fails with a {@link VmException}, image.checksum_mismatch, when it is not
   */
  CompletableFuture<CachedImage> verify(CachedImage image, Consumer<ImageProgress> progress);

  /**
   * Puts an image into a registry.
   *
   * @param target {@code oci://registry/repository:tag}
   * @param title file name for those who get it with other tools
   */
  CompletableFuture<CachedImage> push(
      CachedImage image, String target, String title, Consumer<ImageProgress> progress);

  /**
   * Deletes the chosen images, but none that is needed.
   *
   * @param needed digests in use, as they are when it is asked; asked more than once
   * @return what was deleted
   */
  List<StoredImage> remove(Predicate<StoredImage> chosen, Supplier<Set<String>> needed);
}
