package dev.vmctl.image;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a server said of content, to ask later whether it changed.
 *
 * @param etag its tag
 * @param lastModified its date, as the server wrote it
 */
record Validators(@Nullable String etag, @Nullable String lastModified) {
  static Validators of(HttpAnswer answer) {
    return new Validators(
        answer.header("ETag").orElse(null), answer.header("Last-Modified").orElse(null));
  }

  boolean isEmpty() {
    return etag == null && lastModified == null;
  }

  /**
   * What proves that two ranges belong together: a strong tag, or else the date (RFC 9110, section
   * 13.1.5).
   */
  Optional<String> ofRange() {
    if (etag != null) {
      return etag.startsWith("W/") ? Optional.empty() : Optional.of(etag);
    }
    return Optional.ofNullable(lastModified);
  }
}
