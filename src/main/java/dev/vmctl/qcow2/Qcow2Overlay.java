package dev.vmctl.qcow2;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An empty overlay, or an empty disk on nothing: nothing but a header, the counts of its own
 * clusters and an empty first-level table. It is laid out as QEMU's tool does it (version 3,
 * clusters of 64 KiB, counts of 16 bits):
 *
 * <pre>
 * cluster 0   header, its extensions, name of the backing file if there is one
 * cluster 1   reference count table: one entry, cluster 2
 * cluster 2   reference counts: 1 for each cluster up to the end of the file
 * cluster 3…  first-level table, all zeros: everything is read from the backing file, else as zeros
 * </pre>
 *
 * @param backingFile absolute path of the image below; null for an empty disk
 * @param backingFormat QEMU's name of its format; null with the file
 * @param virtualSize size of the disk in bytes, a multiple of 512
 */
public record Qcow2Overlay(
    @Nullable String backingFile, @Nullable String backingFormat, long virtualSize) {
  /** Sizes of disks are multiples of this, bytes. */
  public static final int SECTOR = 512;

  private static final int CLUSTER_BITS = 16;
  private static final int CLUSTER = 1 << CLUSTER_BITS;
  private static final int HEADER_LENGTH = 112;
  private static final int REFCOUNT_ORDER = 4;
  private static final int FEATURE_NAMES_EXTENSION = 0x6803f857;
  private static final int FEATURE_NAME_LENGTH = 46;
  private static final long L1_OFFSET = 3L * CLUSTER;

  /** The largest disk a first-level table can describe, bytes (2 PiB). */
  public static final long LARGEST =
      (long) Qcow2Header.MOST_L1_ENTRIES * (CLUSTER / Long.BYTES) * CLUSTER;

  /** Lets a QEMU too old for a feature name it in its error message. */
  private record Feature(int kind, int bit, String name) {}

  private static final List<Feature> FEATURES =
      List.of(
          new Feature(0, 0, "dirty bit"),
          new Feature(0, 1, "corrupt bit"),
          new Feature(0, 2, "external data file"),
          new Feature(0, 3, "compression type"),
          new Feature(0, 4, "extended L2 entries"),
          new Feature(1, 0, "lazy refcounts"),
          new Feature(2, 0, "bitmaps"),
          new Feature(2, 1, "raw external data"));

  public Qcow2Overlay {
    if (virtualSize < 0 || virtualSize > LARGEST || virtualSize % SECTOR != 0) {
      throw new IllegalArgumentException("size " + virtualSize);
    }
    if ((backingFile == null) != (backingFormat == null)) {
      throw new IllegalArgumentException("an image and its format go together: " + backingFile);
    }
    if (backingFile != null && !fits(backingFile)) {
      throw new IllegalArgumentException("name too long: " + backingFile);
    }
  }

  /** A disk that reads as zeros. */
  public static Qcow2Overlay empty(long virtualSize) {
    return new Qcow2Overlay(null, null, virtualSize);
  }

  /** Whether a header has room for this name. */
  public static boolean fits(String backingFile) {
    return backingFile.getBytes(StandardCharsets.UTF_8).length <= Qcow2Header.LONGEST_BACKING_FILE;
  }

  /** Writes it into an empty file; what is zero stays a hole. */
  public void write(FileChannel file) throws IOException {
    long tableBytes = l1Entries() * Long.BYTES;
    int clusters = Math.toIntExact(3 + (tableBytes + CLUSTER - 1) / CLUSTER);
    writeFully(file, 0, header());
    writeFully(file, CLUSTER, ByteBuffer.allocate(Long.BYTES).putLong(2L * CLUSTER).flip());
    ByteBuffer counts = ByteBuffer.allocate(clusters * Short.BYTES);
    while (counts.hasRemaining()) {
      counts.putShort((short) 1);
    }
    writeFully(file, 2L * CLUSTER, counts.flip());
    // The file must reach to the end of the table.
    if (tableBytes > 0) {
      writeFully(file, L1_OFFSET + tableBytes - 1, ByteBuffer.allocate(1));
    }
  }

  private long l1Entries() {
    return Tables.l1Entries(virtualSize, CLUSTER_BITS, false);
  }

  private ByteBuffer header() {
    byte[] backing =
        backingFile == null ? new byte[0] : backingFile.getBytes(StandardCharsets.UTF_8);
    ByteBuffer extensions = extensions();
    int backingOffset = HEADER_LENGTH + extensions.remaining();
    return ByteBuffer.allocate(backingOffset + backing.length)
        .putInt(Qcow2Header.MAGIC)
        .putInt(3)
        .putLong(backingFile == null ? 0 : backingOffset)
        .putInt(backing.length)
        .putInt(CLUSTER_BITS)
        .putLong(virtualSize)
        .putInt(0) // not encrypted
        .putInt(Math.toIntExact(l1Entries()))
        .putLong(L1_OFFSET)
        .putLong(CLUSTER) // reference count table
        .putInt(1) // clusters of it
        .putInt(0) // snapshots
        .putLong(0) // their table
        .putLong(0) // incompatible features
        .putLong(0) // compatible features
        .putLong(0) // features that clear themselves
        .putInt(REFCOUNT_ORDER)
        .putInt(HEADER_LENGTH)
        .putLong(0) // compression type: zlib
        .put(extensions)
        .put(backing)
        .flip();
  }

  private ByteBuffer extensions() {
    int namesLength = FEATURES.size() * (2 + FEATURE_NAME_LENGTH);
    ByteBuffer format = formatExtension();
    ByteBuffer bytes = ByteBuffer.allocate(format.remaining() + 8 + namesLength + 8);
    bytes.put(format);
    bytes.putInt(FEATURE_NAMES_EXTENSION).putInt(namesLength);
    for (Feature feature : FEATURES) {
      int end = bytes.position() + 2 + FEATURE_NAME_LENGTH;
      bytes.put((byte) feature.kind()).put((byte) feature.bit());
      bytes.put(feature.name().getBytes(StandardCharsets.US_ASCII)).position(end);
    }
    // The last extension: type 0, length 0.
    return bytes.clear();
  }

  private ByteBuffer formatExtension() {
    if (backingFormat == null) {
      return ByteBuffer.allocate(0);
    }
    byte[] format = backingFormat.getBytes(StandardCharsets.UTF_8);
    int padded = (format.length + 7) / 8 * 8;
    return ByteBuffer.allocate(8 + padded)
        .putInt(Qcow2Header.BACKING_FORMAT_EXTENSION)
        .putInt(format.length)
        .put(format)
        .clear();
  }

  private static void writeFully(FileChannel file, long offset, ByteBuffer bytes)
      throws IOException {
    long at = offset;
    while (bytes.hasRemaining()) {
      at += file.write(bytes, at);
    }
  }
}
