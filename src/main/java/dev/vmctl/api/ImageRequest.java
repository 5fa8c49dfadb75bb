package dev.vmctl.api;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Something to be done with an image that may take long. */
public sealed interface ImageRequest {
  /**
   * Gets an image into the cache; of a URL that is there, asks whether it has changed.
   *
   * @param source a URL, an absolute path, or {@code build:} and an absolute path
   * @param sha256 what it must digest to, or the URL of a list
   * @param name to call it by
   */
  record Pull(String source, @Nullable String sha256, @Nullable String name)
      implements ImageRequest {
    public Pull {
      Objects.requireNonNull(source);
    }
  }

  /** Reads an image whole, to see that it is what its digest says. */
  record Verify(String image) implements ImageRequest {
    public Verify {
      Objects.requireNonNull(image);
    }
  }

  /**
   * Puts an image into a registry.
   *
   * @param target {@code oci://registry/repository:tag}
   */
  record Push(String image, String target) implements ImageRequest {
    public Push {
      Objects.requireNonNull(image);
      Objects.requireNonNull(target);
    }
  }
}
