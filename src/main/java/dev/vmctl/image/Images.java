package dev.vmctl.image;

import dev.vmctl.model.VmException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

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

  /** The cached image of this digest. */
  Optional<CachedImage> byDigest(String digest);
}
