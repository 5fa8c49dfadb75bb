package dev.vmctl.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;

/**
 * What tells one content of a local file from another without reading it.
 *
 * @param path canonical: no symbolic links
 * @param size bytes
 * @param modified when its content last changed, by a clock anybody can set back
 * @param changed when anything of it last changed, by the kernel's own clock
 */
record FileIdentity(
    Path path, long device, long inode, long size, Instant modified, Instant changed) {

  /**
   * @throws NoSuchFileException when there is no such file
   * @throws NotRegularException when it is a directory, device, socket …
   */
  static FileIdentity of(Path file) throws IOException {
    Path canonical = file.toRealPath();
    Map<String, Object> attributes =
        Files.readAttributes(
            canonical,
            "unix:dev,ino,size,lastModifiedTime,ctime,isRegularFile",
            LinkOption.NOFOLLOW_LINKS);
    if (!Boolean.TRUE.equals(attributes.get("isRegularFile"))) {
      throw new NotRegularException(canonical);
    }
    return new FileIdentity(
        canonical,
        number(attributes, "dev"),
        number(attributes, "ino"),
        number(attributes, "size"),
        time(attributes, "lastModifiedTime"),
        time(attributes, "ctime"));
  }

  private static long number(Map<String, Object> attributes, String name) {
    return ((Number) Objects.requireNonNull(attributes.get(name))).longValue();
  }

  private static Instant time(Map<String, Object> attributes, String name) {
    return ((FileTime) Objects.requireNonNull(attributes.get(name))).toInstant();
  }

  /** A path that leads to something else than a regular file. */
  static final class NotRegularException extends IOException {
    private static final long serialVersionUID = 1L;

    NotRegularException(Path path) {
      super(path + " is not a regular file");
    }
  }
}
