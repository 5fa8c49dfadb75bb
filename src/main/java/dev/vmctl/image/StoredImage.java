package dev.vmctl.image;

import java.time.Instant;
import java.util.List;
import java.util.Objects;

/**
 * An image in the cache, and what is known of it.
 *
 * @param fileBytes length of its file
 * @param storedBytes what that takes on the disk
 * @param sources where it came from, sorted; URLs without their secrets
 * @param names given to it by people, sorted
 * @param published digests of what was transferred, where it was compressed or converted
 * @param importedAt when it first came in, as far as is known
 */
public record StoredImage(
    CachedImage image,
    long fileBytes,
    long storedBytes,
    List<String> sources,
    List<String> names,
    List<String> published,
    Instant importedAt) {
  public StoredImage {
    Objects.requireNonNull(image);
    sources = List.copyOf(sources);
    names = List.copyOf(names);
    published = List.copyOf(published);
    Objects.requireNonNull(importedAt);
  }

  /** Whether this is what a person calls it: a digest, the beginning of one, a name or a source. */
  public boolean isCalled(String reference) {
    String hex = reference.startsWith("sha256:") ? reference.substring(7) : reference;
    return names.contains(reference)
        || sources.contains(reference)
        || (hex.length() >= 6 && image.digest().substring(7).startsWith(hex));
  }
}
