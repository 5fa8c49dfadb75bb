package dev.vmctl.daemon;

import dev.vmctl.host.AtomicFiles;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Set;

/**
 * A secret that clients show. Only its digest is kept, so a comparison tells nothing by its time.
 */
final class AccessToken {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int SHORTEST = 16;

  private final byte[] digest;

  private AccessToken(String secret) {
    digest = sha256(secret);
  }

  /** That of a file, which is made if it is not there. */
  static AccessToken of(Path file) {
    try {
      if (!Files.exists(file)) {
        AtomicFiles.write(file, random() + "\n", AtomicFiles.Access.OWNER);
      }
      Set<PosixFilePermission> mode = Files.getPosixFilePermissions(file);
      if (mode.contains(PosixFilePermission.GROUP_READ)
          || mode.contains(PosixFilePermission.OTHERS_READ)) {
        throw new VmException(
            ErrorCode.CONFIG_INVALID,
            "others than its owner can read the token in " + file,
            "chmod 600 it, and write a new one into it");
      }
      String secret = Files.readString(file).strip();
      if (secret.length() < SHORTEST) {
        throw new VmException(
            ErrorCode.CONFIG_INVALID,
            "the token in " + file + " is shorter than " + SHORTEST + " characters",
            "remove the file: a token is made when there is none");
      }
      return new AccessToken(secret);
    } catch (IOException e) {
      throw AtomicFiles.failure("read", file, e);
    }
  }

  /** 256 bits that nobody can guess, as text for URLs, headers and cookies. */
  static String random() {
    byte[] bytes = new byte[32];
    RANDOM.nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  boolean is(String shown) {
    return MessageDigest.isEqual(digest, sha256(shown));
  }

  static byte[] sha256(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
