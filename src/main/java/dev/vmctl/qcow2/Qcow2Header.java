package dev.vmctl.qcow2;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the header of a qcow2 image says. All numbers in the file are big-endian; offsets are bytes
 * from the start of the file.
 *
 * @param version 2 or 3
 * @param clusterBits a cluster is 2 to this power bytes; 9 to 21
 * @param virtualSize size of the disk in bytes
 * @param encryption 0 for none, 1 AES, 2 LUKS
 * @param l1Entries number of entries of the first-level table
 * @param incompatibleFeatures bits a reader must know to read the image; 0 for version 2
 * @param backingFile the image below this one, as named in the header
 * @param backingFormat its format, where the header tells
 */
public record Qcow2Header(
    int version,
    int clusterBits,
    long virtualSize,
    int encryption,
    int l1Entries,
    long l1Offset,
    long refcountTableOffset,
    int refcountTableClusters,
    long incompatibleFeatures,
    int headerLength,
    @Nullable String backingFile,
    @Nullable String backingFormat) {

  /** "QFI" and 0xfb. */
  static final int MAGIC = 0x514649fb;

  static final int BACKING_FORMAT_EXTENSION = 0xe2792aca;
  static final int VERSION_2_LENGTH = 72;
  static final int VERSION_3_LENGTH = 104;
  static final int LONGEST_BACKING_FILE = 1023;

  /** The largest first-level table QEMU opens, in entries. */
  static final int MOST_L1_ENTRIES = 32 * 1024 * 1024 / Long.BYTES;

  private static final int LEAST_CLUSTER_BITS = 9;
  private static final int MOST_CLUSTER_BITS = 21;
  private static final long DIRTY = 1;
  private static final long CORRUPT = 1 << 1;
  private static final long EXTERNAL_DATA = 1 << 2;
  private static final long COMPRESSION_TYPE = 1 << 3;
  private static final long EXTENDED_L2 = 1 << 4;
  private static final long KNOWN =
      DIRTY | CORRUPT | EXTERNAL_DATA | COMPRESSION_TYPE | EXTENDED_L2;

  /** Whether a file that starts with these bytes claims to be qcow2. */
  public static boolean isClaimedBy(byte[] head) {
    return head.length >= Integer.BYTES && ByteBuffer.wrap(head).getInt() == MAGIC;
  }

  /**
   * Reads the header.
   *
   * @throws Qcow2FormatException when it is none, is cut off, or contradicts itself
   */
  public static Qcow2Header read(FileChannel file) throws IOException, Qcow2FormatException {
    ByteBuffer head = Tables.read(file, 0, VERSION_3_LENGTH);
    if (head.remaining() < Integer.BYTES || head.getInt(0) != MAGIC) {
      throw new Qcow2FormatException("is not a qcow2 image");
    }
    require(head.remaining() >= VERSION_2_LENGTH, "ends within its header");
    int version = head.getInt(4);
    require(
        version == 2 || version == 3, "has version " + version + " of qcow2; 2 and 3 are known");
    require(version == 2 || head.remaining() >= VERSION_3_LENGTH, "ends within its header");
    int clusterBits = head.getInt(20);
    require(
        clusterBits >= LEAST_CLUSTER_BITS && clusterBits <= MOST_CLUSTER_BITS,
        "has a cluster size of 2^" + Integer.toUnsignedString(clusterBits));
    int headerLength = version == 2 ? VERSION_2_LENGTH : head.getInt(100);
    require(
        headerLength >= VERSION_2_LENGTH && headerLength <= 1 << clusterBits,
        "has a header of " + Integer.toUnsignedString(headerLength) + " bytes");
    String backingFile = backingFile(file, head.getLong(8), head.getInt(16), clusterBits);
    Qcow2Header header =
        new Qcow2Header(
            version,
            clusterBits,
            head.getLong(24),
            head.getInt(32),
            head.getInt(36),
            head.getLong(40),
            head.getLong(48),
            head.getInt(56),
            version == 2 ? 0 : head.getLong(72),
            headerLength,
            backingFile,
            backingFile == null ? null : backingFormat(file, headerLength, head.getLong(8)));
    header.requireSense();
    return header;
  }

  private void requireSense() throws Qcow2FormatException {
    require(virtualSize >= 0, "has a size of " + Long.toUnsignedString(virtualSize) + " bytes");
    require(
        l1Entries >= 0 && l1Entries <= MOST_L1_ENTRIES,
        "has a first-level table of " + Integer.toUnsignedString(l1Entries) + " entries");
    long needed = Tables.l1Entries(virtualSize, clusterBits, hasExtendedEntries());
    require(
        l1Entries >= needed,
        "has a first-level table of " + l1Entries + " entries, its size needs " + needed);
    require(
        refcountTableClusters >= 0 && (long) refcountTableClusters << clusterBits <= 8 << 20,
        "has a reference count table of "
            + Integer.toUnsignedString(refcountTableClusters)
            + " clusters");
  }

  private static @Nullable String backingFile(
      FileChannel file, long offset, int length, int clusterBits)
      throws IOException, Qcow2FormatException {
    if (offset == 0) {
      return null;
    }
    require(
        length >= 1 && length <= LONGEST_BACKING_FILE && offset > 0 && offset < 1L << clusterBits,
        "names its backing file outside its header");
    return text(file, offset, length);
  }

  /** Header extensions: type, length, data padded to 8 bytes; they end before the file name. */
  private static @Nullable String backingFormat(FileChannel file, int headerLength, long end)
      throws IOException, Qcow2FormatException {
    long offset = headerLength;
    while (offset + 8 <= end) {
      ByteBuffer extension = Tables.readWhole(file, offset, 8);
      int type = extension.getInt();
      int length = extension.getInt();
      if (type == 0) {
        return null;
      }
      require(length >= 0 && length <= end - offset - 8, "has a header extension out of place");
      if (type == BACKING_FORMAT_EXTENSION) {
        return text(file, offset + 8, length);
      }
      offset += 8 + (length + 7) / 8 * 8L;
    }
    return null;
  }

  private static String text(FileChannel file, long offset, int length)
      throws IOException, Qcow2FormatException {
    return StandardCharsets.UTF_8.decode(Tables.readWhole(file, offset, length)).toString();
  }

  private static void require(boolean right, String otherwise) throws Qcow2FormatException {
    if (!right) {
      throw new Qcow2FormatException(otherwise);
    }
  }

  public long clusterSize() {
    return 1L << clusterBits;
  }

  public boolean isEncrypted() {
    return encryption != 0;
  }

  /** Whether its last writer did not close it; its reference counts may then be too low. */
  public boolean isDirty() {
    return (incompatibleFeatures & DIRTY) != 0;
  }

  /** Whether QEMU marked it as damaged. */
  public boolean isMarkedCorrupt() {
    return (incompatibleFeatures & CORRUPT) != 0;
  }

  /** Whether the content of the disk is in another file. */
  public boolean hasExternalData() {
    return (incompatibleFeatures & EXTERNAL_DATA) != 0;
  }

  /** Whether second-level entries have 16 bytes instead of 8. */
  public boolean hasExtendedEntries() {
    return (incompatibleFeatures & EXTENDED_L2) != 0;
  }

  /** The incompatible features beyond those of QEMU 7.2; 0 when all are known. */
  public long unknownFeatures() {
    return incompatibleFeatures & ~KNOWN;
  }

  /** Whether this is an overlay on exactly this image. */
  public boolean isOverlayOn(String file, String format) {
    return Objects.equals(backingFile, file) && Objects.equals(backingFormat, format);
  }
}
