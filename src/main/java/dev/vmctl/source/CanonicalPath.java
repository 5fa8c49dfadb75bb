package dev.vmctl.source;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * One name for one place, however it was spelled: links in the directories above are followed, the
 * last name is kept. A link that is made to point to another directory thus stays the same source,
 * whose identity changes, and a place has its name before it exists.
 */
final class CanonicalPath {
  private CanonicalPath() {}

  static Path of(Path written) {
    Path path = written.toAbsolutePath();
    Path last = path.getFileName();
    if (last == null || last.toString().equals("..") || last.toString().equals(".")) {
      return existing(path);
    }
    Path parent = path.getParent();
    return parent == null ? path : existing(parent).resolve(last);
  }

  private static Path existing(Path directory) {
    try {
      return directory.toRealPath();
    } catch (IOException e) {
      // Not there yet, or not to be seen: its parent may be, and the rest is taken as written.
      Path parent = directory.getParent();
      Path last = directory.getFileName();
      return parent == null || last == null || Files.exists(directory)
          ? directory.normalize()
          : existing(parent).resolve(last).normalize();
    }
  }
}
