package dev.vmctl.image;

import org.jspecify.annotations.Nullable;

/**
 * What a download is of, kept beside what has arrived of it, so that it can go on after whatever
 * ended it.
 *
 * @param bootId the host's boot in which it was written: what the kernel had not yet put on the
 *     disk when the host itself went down is lost, without a trace
 * @param address of the content
 * @param totalBytes of the whole; -1 when not known
 * @param immutable whether the digest of the content is known
 */
record Resume(
    int format,
    String bootId,
    String address,
    @Nullable Validators validators,
    long totalBytes,
    boolean immutable) {
  static final int FORMAT = 1;

  static Resume of(String bootId, Origin origin, HttpAnswer answer) {
    return new Resume(
        FORMAT,
        bootId,
        address(origin),
        Validators.of(answer),
        answer.length(),
        origin.digest().isPresent());
  }

  /** What a URL leads to may change; a digest is no secret, a URL may hold some. */
  private static String address(Origin origin) {
    return origin.digest().orElseGet(() -> CacheLayout.key(origin.url().address().toString()));
  }

  /** Whether the rest can be asked for: only if it can be told to be of the same content. */
  boolean isPossible() {
    return immutable || (validators != null && validators.ofRange().isPresent());
  }

  /** Whether what arrived earlier is still of use. */
  boolean isOf(Origin origin, String presentBoot) {
    return format == FORMAT
        && isPossible()
        && bootId.equals(presentBoot)
        && address.equals(address(origin));
  }
}
