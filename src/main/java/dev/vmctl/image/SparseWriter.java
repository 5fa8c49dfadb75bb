package dev.vmctl.image;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;

/**
 * Writes a file from its start to its end, leaving out what is zero, and digests it on the way
 * (zeros included: the digest is that of the content).
 */
final class SparseWriter implements AutoCloseable {
  /** The grain in which zeros are left out, bytes. */
  static final int BLOCK = 1 << 16;

  private static final byte[] ZEROS = new byte[BLOCK];

  private final RandomAccessFile file;
  private final MessageDigest digest = CacheLayout.sha256();
  private final long kept;
  private long length;

  /**
   * @param target emptied if it exists
   */
  SparseWriter(Path target) throws IOException {
    this(target, 0);
  }

  /**
   * @param kept bytes at the beginning of the file to go on from: to be read by {@link #replay}
   *     before anything is written
   */
  SparseWriter(Path target, long kept) throws IOException {
    this.kept = kept;
    this.file = new RandomAccessFile(target.toFile(), "rw");
    file.setLength(kept);
  }

  /** Reads and digests what was kept; 0 when there is no more of it. */
  int replay(byte[] target, int offset, int count) throws IOException {
    if (length >= kept) {
      return 0;
    }
    file.seek(length);
    int read = file.read(target, offset, (int) Math.min(count, kept - length));
    digest.update(target, offset, read);
    length += read;
    return read;
  }

  /** Adds content; zeros are found best in pieces that begin at multiples of {@link #BLOCK}. */
  void write(byte[] bytes, int count) throws IOException {
    write(bytes, 0, count);
  }

  /** Adds content from an offset of the array on. */
  void write(byte[] bytes, int offset, int count) throws IOException {
    digest.update(bytes, offset, count);
    int dataStart = 0;
    for (int block = 0; block < count; block += BLOCK) {
      int end = Math.min(block + BLOCK, count);
      if (isZero(bytes, offset + block, offset + end)) {
        put(bytes, offset, dataStart, block);
        dataStart = end;
      }
    }
    put(bytes, offset, dataStart, count);
    length += count;
  }

  private void put(byte[] bytes, int offset, int start, int end) throws IOException {
    if (start < end) {
      file.seek(length + start);
      file.write(bytes, offset + start, end - start);
    }
  }

  private static boolean isZero(byte[] bytes, int start, int end) {
    return Arrays.equals(bytes, start, end, ZEROS, 0, end - start);
  }

  /** Adds that many zeros. */
  void skip(long count) {
    for (long left = count; left > 0; left -= BLOCK) {
      digest.update(ZEROS, 0, (int) Math.min(left, BLOCK));
    }
    length += count;
  }

  /** Gives the file the length of what was written, also where that ends in zeros. */
  void flush() throws IOException {
    file.setLength(Math.max(length, kept));
  }

  /** Makes the file durable; its digest. */
  String finish() throws IOException {
    file.setLength(length);
    file.getFD().sync();
    return digest();
  }

  /** The digest of what was written; nothing may be added afterwards. */
  String digest() {
    return CacheLayout.text(digest);
  }

  long length() {
    return length;
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
