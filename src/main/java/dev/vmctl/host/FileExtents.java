package dev.vmctl.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where a file holds data; everything else in it is holes, which read as zeros and take no space.
 * On a file system that does not tell, the whole file is data.
 */
public final class FileExtents implements AutoCloseable {
  /**
   * A run of data.
   *
   * @param start offset of its first byte
   * @param end offset after its last byte; greater than {@code start}
   */
  public record Extent(long start, long end) {}

  private final Path file;
  private final int descriptor;
  private boolean closed;

  private FileExtents(Path file, int descriptor) {
    this.file = file;
    this.descriptor = descriptor;
  }

  /** Opens a regular file; symbolic links are followed. */
  public static FileExtents open(Path file) throws IOException {
    int descriptor = FileCalls.openReadOnly(file);
    if (descriptor < 0) {
      throw new IOException(file + ": errno " + -descriptor);
    }
    return new FileExtents(file, descriptor);
  }

  /** How many bytes of a file are data: about the space it takes. */
  public static long dataBytes(Path file) throws IOException {
    try (FileExtents extents = open(file)) {
      long sum = 0;
      Optional<Extent> extent = extents.next(0);
      while (extent.isPresent()) {
        sum += extent.get().end() - extent.get().start();
        extent = extents.next(extent.get().end());
      }
      return sum;
    }
  }

  /** The first run of data at or after an offset, cut off at the offset; empty at the end. */
  public Optional<Extent> next(long offset) throws IOException {
    if (closed) {
      throw new IllegalStateException("closed: " + file);
    }
    long start = FileCalls.seekData(descriptor, offset);
    if (start == -FileCalls.ENXIO) {
      return Optional.empty();
    }
    if (start == -FileCalls.EINVAL) {
      long size = Files.size(file);
      return offset < size ? Optional.of(new Extent(offset, size)) : Optional.empty();
    }
    long end = start < 0 ? start : FileCalls.seekHole(descriptor, start);
    if (end == -FileCalls.ENXIO) {
      // The file was cut off between the two questions.
      return Optional.empty();
    }
    if (end < 0) {
      throw new IOException("cannot tell the holes of " + file + ": errno " + -end);
    }
    return end == start ? Optional.empty() : Optional.of(new Extent(start, end));
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      FileCalls.close(descriptor);
    }
  }
}
