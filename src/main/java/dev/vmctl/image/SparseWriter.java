package dev.vmctl.image;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;

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
  private long length;

  /**
   * @param target emptied if it exists
   */
  SparseWriter(Path target) throws IOException {
    file = new RandomAccessFile(target.toFile(), "rw");
    file.setLength(0);
  }

  /** Adds content; zeros are found best in pieces that begin at multiples of {@link #BLOCK}. */
  void write(byte[] bytes, int count) throws IOException {
    digest.update(bytes, 0, count);
    int dataStart = 0;
    for (int block = 0; block < count; block += BLOCK) {
      int end = Math.min(block + BLOCK, count);
      if (isZero(bytes, block, end)) {
        put(bytes, dataStart, block);
        dataStart = end;
      }
    }
    put(bytes, dataStart, count);
    length += count;
  }

  private void put(byte[] bytes, int start, int end) throws IOException {
    if (start < end) {
      file.seek(length + start);
      file.write(bytes, start, end - start);
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

  /** Makes the file durable; its digest. */
  String finish() throws IOException {
    file.setLength(length);
    file.getFD().sync();
    return CacheLayout.DIGEST_PREFIX + HexFormat.of().formatHex(digest.digest());
  }

  long length() {
    return length;
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
