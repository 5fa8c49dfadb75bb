package dev.vmctl.image;

import dev.vmctl.host.AtomicFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Where things are in the cache:
 *
 * <pre>
 * sha256/HEX          images, read-only, named by the digest of their content
 * index/KEY.json      which digest a source had
 * parts/KEY.part      an import under way
 * parts/KEY.wire      what has arrived of a download
 * parts/KEY.resume    what that is, for the next attempt
 * parts/KEY.build/    what a program that builds an image writes
 * parts/KEY.lock      held by who imports the source; never deleted
 * </pre>
 *
 * KEY is the SHA-256 of the source's text.
 */
record CacheLayout(Path root) {
  static final String DIGEST_PREFIX = "sha256:";
  static final String PART = ".part";
  static final String WIRE = ".wire";
  static final String RESUME = ".resume";
  static final String LOCK = ".lock";

  private static final Pattern HEX = Pattern.compile("[0-9a-f]{64}");

  Path images() {
    return root.resolve("sha256");
  }

  Path parts() {
    return root.resolve("parts");
  }

  /** The file of an image; empty when the text is no digest. */
  Optional<Path> image(String digest) {
    String hex = digest.startsWith(DIGEST_PREFIX) ? digest.substring(DIGEST_PREFIX.length()) : "";
    return isHex(hex) ? Optional.of(images().resolve(hex)) : Optional.empty();
  }

  Path indexes() {
    return root.resolve("index");
  }

  Path index(String key) {
    return indexes().resolve(key + ".json");
  }

  Path part(String key) {
    return parts().resolve(key + PART);
  }

  Path wire(String key) {
    return parts().resolve(key + WIRE);
  }

  Path resume(String key) {
    return parts().resolve(key + RESUME);
  }

  Path build(String key) {
    return parts().resolve(key + ".build");
  }

  Path lock(String key) {
    return parts().resolve(key + LOCK);
  }

  void create() {
    try {
      Files.createDirectories(images());
      Files.createDirectories(parts());
      Files.createDirectories(indexes());
    } catch (IOException e) {
      throw AtomicFiles.failure("make the image cache", root, e);
    }
  }

  static boolean isHex(String text) {
    return HEX.matcher(text).matches();
  }

  static String key(String source) {
    return HexFormat.of().formatHex(sha256().digest(source.getBytes(StandardCharsets.UTF_8)));
  }

  /** The digest of what was added, in the form of this cache. */
  static String text(MessageDigest digest) {
    return DIGEST_PREFIX + HexFormat.of().formatHex(digest.digest());
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
