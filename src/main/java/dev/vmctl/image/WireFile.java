package dev.vmctl.image;

import dev.vmctl.host.AtomicFiles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;

/**
 * The bytes of a download as they came over the network, kept in a file and digested: what a later
 * attempt goes on from, and of an image that is not compressed the image itself.
 */
final class WireFile implements AutoCloseable {
  private final Path path;
  private final SparseWriter file;
  private final ImportTask task;
  private final long totalBytes;

  /**
   * @param kept how much of the file an earlier attempt left that is of use
   */
  WireFile(Path path, long kept, long totalBytes, ImportTask task) {
    this.path = path;
    this.task = task;
    this.totalBytes = totalBytes;
    try {
      this.file = new SparseWriter(path, kept);
      file.durable(false);
    } catch (IOException e) {
      throw AtomicFiles.failure("write", path, e);
    }
  }

  /** What was kept, then what comes, which is added to the file as it is read. */
  InputStream through(InputStream network) {
    return new InputStream() {
      @Override
      public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
      }

      @Override
      public int read(byte[] target, int offset, int length) throws IOException {
        int count = replay(target, offset, length);
        if (count <= 0) {
          count = network.read(target, offset, length);
          if (count > 0) {
            append(target, offset, count);
          }
        }
        task.report("downloading", file.length(), totalBytes);
        return count;
      }

      @Override
      public void close() throws IOException {
        network.close();
      }
    };
  }

  /** What comes is the image itself, and is to be made durable. */
  void isImage() {
    file.durable(true);
  }

  private int replay(byte[] target, int offset, int length) {
    try {
      return file.replay(target, offset, length);
    } catch (IOException e) {
      throw AtomicFiles.failure("read", path, e);
    }
  }

  private void append(byte[] bytes, int offset, int count) {
    try {
      file.write(bytes, offset, count);
    } catch (IOException e) {
      throw AtomicFiles.failure("write", path, e);
    }
  }

  /** Gives the file its length, for a later attempt; not durable. */
  void keep() {
    try {
      file.flush();
    } catch (IOException e) {
      throw AtomicFiles.failure("write", path, e);
    }
  }

  /** Makes it durable; its digest. */
  String finish() {
    try {
      return file.finish();
    } catch (IOException e) {
      throw AtomicFiles.failure("write", path, e);
    }
  }

  /** Its digest; not durable. */
  String digest() {
    return file.digest();
  }

  long length() {
    return file.length();
  }

  @Override
  public void close() {
    try {
      file.close();
    } catch (IOException e) {
      throw AtomicFiles.failure("write", path, e);
    }
  }
}
