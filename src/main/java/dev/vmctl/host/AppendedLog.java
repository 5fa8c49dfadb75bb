package dev.vmctl.host;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A log that another process, which cannot be asked to open a new one, appends to for as long as it
 * runs. It is bounded by giving its beginning back to the file system: no byte at its end is lost,
 * and every byte keeps its offset, so that who follows it reads on as if nothing had happened.
 */
public final class AppendedLog {
  /** A multiple of the block size of every usual file system. */
  private static final long BLOCK = 64 << 10;

  private AppendedLog() {}

  /**
   * When a log takes more than {@code most} bytes, keeps about the last half of that. A log that is
   * not there takes none.
   *
   * <p>On a file system without holes it is emptied instead; its writer must have opened it for
   * appending.
   *
   * @throws IOException when that cannot be done; the log is as it was
   */
  public static void bound(Path log, long most) throws IOException {
    long size = size(log);
    if (size <= most || size - start(log) <= most) {
      return;
    }
    long hole = (size - most / 2) / BLOCK * BLOCK;
    int descriptor = FileCalls.openReadWrite(log);
    if (descriptor < 0) {
      throw new IOException(log + ": errno " + -descriptor);
    }
    try {
      int result = LinuxFileCalls.punchHole(descriptor, hole);
      if (result == -LinuxFileCalls.EOPNOTSUPP) {
        empty(log);
      } else if (result < 0) {
        throw new IOException("cannot shorten " + log + ": errno " + -result);
      }
    } finally {
      FileCalls.close(descriptor);
    }
  }

  /** Where what is left of a log begins: 0, or the end of what was given back. */
  public static long start(Path log) throws IOException {
    return next(log, 0);
  }

  /** Where there is something to read at or after an offset: the log's size when nothing is. */
  public static long next(Path log, long offset) throws IOException {
    try (FileExtents extents = FileExtents.open(log)) {
      var data = extents.next(offset);
      return data.isPresent() ? data.get().start() : size(log);
    }
  }

  private static long size(Path log) throws IOException {
    try {
      return Files.size(log);
    } catch (NoSuchFileException e) {
      return 0;
    }
  }

  private static void empty(Path log) throws IOException {
    try (FileChannel channel = FileChannel.open(log, StandardOpenOption.WRITE)) {
      channel.truncate(0);
    }
  }
}
