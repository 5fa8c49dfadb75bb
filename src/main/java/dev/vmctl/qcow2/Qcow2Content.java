package dev.vmctl.qcow2;

import com.github.luben.zstd.ZstdInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Reads what a qcow2 image holds, from the start of the disk to its end: the way from an image to a
 * raw disk. For images without a backing file; clusters may be compressed by deflate or zstd, and
 * have subclusters. The format is that of docs/interop/qcow2.txt in QEMU.
 */
public final class Qcow2Content {
  private static final long OFFSET_MASK = 0x00fffffffffffe00L;
  private static final long COMPRESSED = 1L << 62;
  private static final long ALL_ZERO = 1;
  private static final int SECTOR = 512;
  private static final int SUBCLUSTERS = 32;
  private static final int COMPRESSION_TYPE_OFFSET = 104;
  private static final int ZSTD = 1;

  private final FileChannel file;
  private final Qcow2Header header;
  private final int clusterSize;
  private final boolean zstd;

  /** Gets the content, in order. */
  @FunctionalInterface
  public interface Sink {
    /**
     * @param offset in the disk, bytes; what lies between two calls is zeros
     * @param content valid until the call returns; empty where only progress is to be told
     */
    void accept(long offset, ByteBuffer content) throws IOException;
  }

  private Qcow2Content(FileChannel file, Qcow2Header header)
      throws IOException, Qcow2FormatException {
    this.file = file;
    this.header = header;
    clusterSize = (int) header.clusterSize();
    zstd =
        header.headerLength() > COMPRESSION_TYPE_OFFSET
            && Tables.readWhole(file, COMPRESSION_TYPE_OFFSET, 1).get() == ZSTD;
  }

  /**
   * Hands all content that is not known to be zeros to the sink.
   *
   * @throws Qcow2FormatException when the image is damaged, or needs another file, a key, or a
   *     reader that knows more
   */
  public static void read(FileChannel file, Sink sink) throws IOException, Qcow2FormatException {
    Qcow2Header header = Qcow2Header.read(file);
    if (header.backingFile() != null || header.hasExternalData()) {
      throw new Qcow2FormatException("needs another file, and cannot be read alone");
    }
    if (header.isEncrypted()) {
      throw new Qcow2FormatException("is encrypted");
    }
    if (header.isMarkedCorrupt() || header.unknownFeatures() != 0) {
      throw new Qcow2FormatException("is marked as damaged, or by a newer QEMU");
    }
    new Qcow2Content(file, header).firstLevel(sink);
  }

  private void firstLevel(Sink sink) throws IOException, Qcow2FormatException {
    int entryBytes = header.hasExtendedEntries() ? 2 * Long.BYTES : Long.BYTES;
    int entries = clusterSize / entryBytes;
    long covered = (long) entries * clusterSize;
    long size = header.virtualSize();
    for (long start = 0, index = 0; start < size; start += covered, index++) {
      long l1 =
          Tables.readWhole(file, header.l1Offset() + index * Long.BYTES, Long.BYTES).getLong();
      long table = l1 & OFFSET_MASK;
      if (table != 0) {
        secondLevel(Tables.readWhole(file, table, clusterSize), start, sink);
      }
      sink.accept(Math.min(start + covered, size), ByteBuffer.allocate(0));
    }
  }

  private void secondLevel(ByteBuffer table, long start, Sink sink)
      throws IOException, Qcow2FormatException {
    long offset = start;
    while (table.hasRemaining() && offset < header.virtualSize()) {
      long entry = table.getLong();
      long bitmap = header.hasExtendedEntries() ? table.getLong() : 0;
      int length = (int) Math.min(clusterSize, header.virtualSize() - offset);
      if ((entry & COMPRESSED) != 0) {
        sink.accept(offset, decompressed(entry).limit(length));
      } else if (header.hasExtendedEntries()) {
        subclusters(entry & OFFSET_MASK, bitmap, offset, length, sink);
      } else if ((entry & OFFSET_MASK) != 0 && (entry & ALL_ZERO) == 0) {
        sink.accept(offset, padded(entry & OFFSET_MASK, length));
      }
      offset += clusterSize;
    }
  }

  /** In the bitmap, bits 0 to 31 say what is allocated, bits 32 to 63 what reads as zeros. */
  private void subclusters(long cluster, long bitmap, long offset, int length, Sink sink)
      throws IOException {
    int size = clusterSize / SUBCLUSTERS;
    for (int i = 0; i < SUBCLUSTERS && (long) i * size < length; i++) {
      boolean allocated = (bitmap & 1L << i) != 0;
      boolean zero = (bitmap & 1L << (i + SUBCLUSTERS)) != 0;
      if (allocated && !zero) {
        int begin = i * size;
        sink.accept(offset + begin, padded(cluster + begin, Math.min(size, length - begin)));
      }
    }
  }

  /** The last cluster of a file may be short; what is missing of it reads as zeros. */
  private ByteBuffer padded(long offset, int length) throws IOException {
    ByteBuffer read = Tables.read(file, offset, length);
    return read.clear().limit(length);
  }

  private ByteBuffer decompressed(long entry) throws IOException, Qcow2FormatException {
    int sectorBits = header.clusterBits() - 8;
    int offsetBits = 62 - sectorBits;
    long offset = entry & ((1L << offsetBits) - 1);
    long sectors = (entry >> offsetBits & ((1L << sectorBits) - 1)) + 1;
    int length = (int) (sectors * SECTOR - offset % SECTOR);
    // The last sectors may lie beyond the end of the file: the stream ends before.
    ByteBuffer packed = Tables.read(file, offset, length);
    byte[] plain = zstd ? unpackZstd(packed) : inflate(packed);
    return ByteBuffer.wrap(plain);
  }

  private byte[] inflate(ByteBuffer packed) throws Qcow2FormatException {
    byte[] plain = new byte[clusterSize];
    // Raw: without zlib's header and checksum.
    try (Inflater inflater = new Inflater(true)) {
      inflater.setInput(packed);
      int done = 0;
      while (done < clusterSize) {
        int count = inflater.inflate(plain, done, clusterSize - done);
        if (count == 0) {
          throw new Qcow2FormatException("has a compressed cluster that ends too early");
        }
        done += count;
      }
      return plain;
    } catch (DataFormatException e) {
      throw new Qcow2FormatException("has a compressed cluster that cannot be read");
    }
  }

  private byte[] unpackZstd(ByteBuffer packed) throws IOException, Qcow2FormatException {
    byte[] bytes = new byte[packed.remaining()];
    packed.get(bytes);
    // As a stream: what follows the frame in the last sector is something else's.
    try (InputStream stream = new ZstdInputStream(new ByteArrayInputStream(bytes))) {
      byte[] plain = stream.readNBytes(clusterSize);
      if (plain.length < clusterSize) {
        throw new Qcow2FormatException("has a compressed cluster that ends too early");
      }
      return plain;
    }
  }
}
