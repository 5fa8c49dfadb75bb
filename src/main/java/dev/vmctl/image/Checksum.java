package dev.vmctl.image;

import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What an image must digest to: 64 hexadecimal digits, or the URL of a list such as {@code
 * sha256sum} and the BSDs write it. It is of what is published, which may be compressed, or of the
 * image within; either will do.
 *
 * @param text as declared
 */
record Checksum(String text) {
  private static final Pattern HEX = Pattern.compile("(?:sha256:)?([0-9a-fA-F]{64})");
  private static final Pattern LINE = Pattern.compile("([0-9a-fA-F]{64})[ \\t]+[*]?(.+)");
  private static final Pattern BSD_LINE = Pattern.compile("SHA256 \\((.+)\\) = ([0-9a-fA-F]{64})");
  private static final int LONGEST_LIST = 4 << 20;

  /**
   * @throws VmException image.checksum_unavailable when it is neither digits nor a URL
   */
  static Optional<Checksum> of(@Nullable String text) {
    if (text == null) {
      return Optional.empty();
    }
    Checksum checksum = new Checksum(text);
    if (checksum.digest().isEmpty() && !text.contains("://")) {
      throw unavailable("'" + text + "' is neither a SHA-256 nor the URL of a list", null);
    }
    return Optional.of(checksum);
  }

  /** The digest it names itself; empty when it is a URL. */
  Optional<String> digest() {
    Matcher hex = HEX.matcher(text);
    return hex.matches() ? Optional.of(prefixed(hex.group(1))) : Optional.empty();
  }

  /**
   * The digest that an image of this name must have.
   *
   * @param name last part of its path
   * @throws VmException image.checksum_unavailable when the list has none, image.download_failed
   */
  String expected(String name, Http http) {
    return digest().orElseGet(() -> listed(name, http));
  }

  private String listed(String name, Http http) {
    ImageUrl list = ImageUrl.parse(text);
    try (HttpAnswer answer = http.get(list, Map.of())) {
      if (answer.status() != 200) {
        VmException refused = DownloadFailures.ofStatus(list, answer.status());
        throw refused.code() == ErrorCode.IMAGE_NOT_FOUND
            ? unavailable("there is no list of checksums at " + list.shown(), refused)
            : refused;
      }
      return find(answer.text(LONGEST_LIST), name)
          .orElseThrow(() -> unavailable(list.shown() + " does not list " + name, null));
    } catch (IOException e) {
      throw DownloadFailures.ofBody(list, e);
    }
  }

  private static VmException unavailable(String message, @Nullable Throwable cause) {
    return new VmException(
        ErrorCode.IMAGE_CHECKSUM_UNAVAILABLE,
        message,
        "check the URL of the list; or declare the digest itself: image-sha256 \"64 digits\"",
        cause);
  }

  /** The digest of a name in a list. */
  static Optional<String> find(String list, String name) {
    for (String line : list.lines().toList()) {
      Matcher plain = LINE.matcher(line.strip());
      if (plain.matches() && lastPart(plain.group(2)).equals(name)) {
        return Optional.of(prefixed(plain.group(1)));
      }
      Matcher bsd = BSD_LINE.matcher(line.strip());
      if (bsd.matches() && lastPart(bsd.group(1)).equals(name)) {
        return Optional.of(prefixed(bsd.group(2)));
      }
    }
    // A list of one digest without a name is that of the file beside it.
    String only = list.strip();
    return HEX.matcher(only).matches() ? new Checksum(only).digest() : Optional.empty();
  }

  static String lastPart(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  private static String prefixed(String hex) {
    return CacheLayout.DIGEST_PREFIX + hex.toLowerCase(Locale.ROOT);
  }

  /**
   * @throws VmException image.checksum_mismatch when neither digest is the expected one
   */
  static void verify(String expected, String published, String digest, String source) {
    if (expected.equals(published) || expected.equals(digest)) {
      return;
    }
    throw new VmException(
        ErrorCode.IMAGE_CHECKSUM_MISMATCH,
        source + " is not what was declared: it has " + published + ", expected is " + expected,
        "nothing of it was kept; if its publisher has a new release, declare its new digest, else"
            + " do not trust it");
  }
}
