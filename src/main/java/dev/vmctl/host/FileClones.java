package dev.vmctl.host;

import java.io.IOException;
import java.nio.file.Path;

/** Copies that share their blocks with the original until one of them is written to (reflinks). */
public final class FileClones {
  private FileClones() {}

  /**
   * Makes {@code target}, which may exist and is then empty, a copy of {@code source} at once and
   * without taking space.
   *
   * @return false where that cannot be: the file system does not share blocks, or the two files are
   *     on different ones; the target may then exist, empty
   * @throws IOException when there is no space, or a file cannot be opened
   */
  public static boolean tryClone(Path source, Path target) throws IOException {
    int from = FileCalls.openReadOnly(source);
    if (from < 0) {
      throw new IOException(source + ": errno " + -from);
    }
    try {
      int to = FileCalls.openOrCreate(target);
      if (to < 0) {
        throw failure(target, -to);
      }
      try {
        return isCloned(target, LinuxFileCalls.cloneInto(from, to));
      } finally {
        FileCalls.close(to);
      }
    } finally {
      FileCalls.close(from);
    }
  }

  private static boolean isCloned(Path target, int result) throws IOException {
    if (result == -FileCalls.ENOSPC || result == -LinuxFileCalls.EDQUOT) {
      throw failure(target, -result);
    }
    return result >= 0;
  }

  private static IOException failure(Path path, int errno) {
    return switch (errno) {
      case FileCalls.ENOSPC -> new IOException(path + ": No space left on device");
      case LinuxFileCalls.EDQUOT -> new IOException(path + ": Disk quota exceeded");
      default -> new IOException(path + ": errno " + errno);
    };
  }
}
