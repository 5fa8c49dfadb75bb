package dev.vmctl.vmfile;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;

/**
 * What the file system says of a file (links followed): two equal stamps mean that nothing was
 * written in between, as far as its clock can tell.
 *
 * @param changed when content, name or permissions last changed; unlike {@code modified} nobody can
 *     set it back
 */
public record FileStamp(
    long device, long inode, long size, FileTime modified, FileTime changed, int mode) {
  private static final String ATTRIBUTES = "unix:dev,ino,size,lastModifiedTime,ctime,mode";
  private static final int TYPE = 0170000;
  private static final int REGULAR = 0100000;
  private static final int DIRECTORY = 0040000;

  public FileStamp {
    Objects.requireNonNull(modified);
    Objects.requireNonNull(changed);
  }

  /** Looks at the file without opening it. */
  public static FileStamp of(Path file) throws IOException {
    Map<String, Object> found = Files.readAttributes(file, ATTRIBUTES);
    return new FileStamp(
        number(found, "dev"),
        number(found, "ino"),
        number(found, "size"),
        time(found, "lastModifiedTime"),
        time(found, "ctime"),
        (int) number(found, "mode"));
  }

  public boolean isRegularFile() {
    return (mode & TYPE) == REGULAR;
  }

  public boolean isDirectory() {
    return (mode & TYPE) == DIRECTORY;
  }

  /** Device and inode: which file it is, whatever its content. */
  public String identity() {
    return device + ":" + inode;
  }

  /**
   * Whether, at {@code now}, the last change lies so far back that a further one would show: file
   * systems keep time in steps of a few milliseconds, some of two seconds.
   */
  public boolean isSettled(Instant now) {
    return Duration.between(changed.toInstant(), now).compareTo(Duration.ofSeconds(2)) > 0;
  }

  private static long number(Map<String, Object> found, String name) {
    return ((Number) Objects.requireNonNull(found.get(name), name)).longValue();
  }

  private static FileTime time(Map<String, Object> found, String name) {
    return (FileTime) Objects.requireNonNull(found.get(name), name);
  }
}
