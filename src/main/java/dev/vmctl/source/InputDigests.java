package dev.vmctl.source;

import dev.vmctl.vmfile.FileStamp;
import dev.vmctl.vmfile.SteadyFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;

/**
 * Digests of the files whose content is part of a declaration. A file that has not changed since is
 * not read again; within one round each is looked at once.
 */
public final class InputDigests {
  private static final int BUFFER = 1 << 16;

  private record Known(FileStamp stamp, String digest, boolean settled) {}

  private final InstantSource clock;
  private Map<Path, Known> known = new HashMap<>();

  InputDigests(InstantSource clock) {
    this.clock = clock;
  }

  /**
   * The digest of a file as it is now.
   *
   * @throws IOException when it cannot be read
   */
  public static String now(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return digest(in);
    }
  }

  /** One look at the source. */
  final class Round {
    private final Map<Path, Known> seen = new HashMap<>();

    /** {@code sha256:} and the digest in hexadecimal. */
    String of(Path file) throws SteadyFile.Failure {
      Known now = seen.get(file);
      if (now == null) {
        now = look(file);
        seen.put(file, now);
      }
      return now.digest();
    }

    /** Ends the round: what was not asked for is forgotten. */
    void end() {
      known = seen;
    }
  }

  Round begin() {
    return new Round();
  }

  private Known look(Path file) throws SteadyFile.Failure {
    Known before = known.get(file);
    if (before != null && before.settled() && isUnchanged(file, before.stamp())) {
      return before;
    }
    SteadyFile<String> read = SteadyFile.read(file, Long.MAX_VALUE, InputDigests::digest);
    return new Known(read.stamp(), read.content(), read.stamp().isSettled(clock.instant()));
  }

  static boolean isUnchanged(Path file, FileStamp before) {
    try {
      return FileStamp.of(file).equals(before);
    } catch (IOException e) {
      return false; // Reading it will say what is wrong.
    }
  }

  private static String digest(InputStream in) throws IOException {
    MessageDigest digest = sha256();
    byte[] buffer = new byte[BUFFER];
    for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
      digest.update(buffer, 0, read);
    }
    return "sha256:" + HexFormat.of().formatHex(digest.digest());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
