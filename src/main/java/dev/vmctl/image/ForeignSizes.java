package dev.vmctl.image;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.util.HexFormat;

/**
 * Sizes of the disks in images of other makers, from their headers: VMware's "Virtual Disk Format
 * 5.0", VirtualBox's {@code VDICore.h}, Microsoft's "VHDX Format Specification v1.00".
 */
final class ForeignSizes {
  private static final int SECTOR = 512;
  private static final long VMDK_CAPACITY = 12;
  private static final long VDI_DISK_SIZE = 0x170;
  private static final long VHDX_REGIONS = 192 << 10;
  private static final int VHDX_ENTRY = 32;
  private static final int VHDX_MOST_ENTRIES = 2047;
  private static final byte[] VHDX_METADATA =
      HexFormat.of().parseHex("06a27c8b90479a4bb8fe575f050f886e");
  private static final byte[] VHDX_DISK_SIZE =
      HexFormat.of().parseHex("2442a52f1bcd7648b2115dbed83bf4b8");

  private ForeignSizes() {}

  /**
   * @return bytes; -1 when the header does not hold together
   */
  static long of(ImageFormat format, FileChannel file) throws IOException {
    long size =
        switch (format) {
          case VMDK -> sectors(number(file, VMDK_CAPACITY));
          case VDI -> number(file, VDI_DISK_SIZE);
          case VHDX -> vhdx(file);
          case QCOW2, RAW -> throw new IllegalArgumentException("not foreign: " + format);
        };
    return size > 0 && size % SECTOR == 0 ? size : -1;
  }

  private static long sectors(long count) {
    return count > Long.MAX_VALUE / SECTOR ? -1 : count * SECTOR;
  }

  private static long vhdx(FileChannel file) throws IOException {
    ByteBuffer regions = bytes(file, VHDX_REGIONS, 16);
    long region = offset(file, VHDX_REGIONS + 16, regions.getInt(8), VHDX_METADATA, Long.BYTES);
    if (region < 0) {
      return -1;
    }
    ByteBuffer table = bytes(file, region, 32);
    long item =
        offset(
            file,
            region + 32,
            Short.toUnsignedInt(table.getShort(10)),
            VHDX_DISK_SIZE,
            Integer.BYTES);
    return item < 0 ? -1 : number(file, region + item);
  }

  /** The offset in the entry of this identity; -1 when there is none. */
  private static long offset(FileChannel file, long table, int entries, byte[] id, int width)
      throws IOException {
    for (int i = 0; i < Math.min(entries, VHDX_MOST_ENTRIES); i++) {
      ByteBuffer entry = bytes(file, table + (long) i * VHDX_ENTRY, VHDX_ENTRY);
      if (entry.slice(0, id.length).equals(ByteBuffer.wrap(id))) {
        return width == Long.BYTES
            ? entry.getLong(id.length)
            : Integer.toUnsignedLong(entry.getInt(id.length));
      }
    }
    return -1;
  }

  private static long number(FileChannel file, long at) throws IOException {
    return bytes(file, at, Long.BYTES).getLong(0);
  }

  /** Zeros where the file ends. */
  private static ByteBuffer bytes(FileChannel file, long at, int count) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
    while (at >= 0 && bytes.hasRemaining() && file.read(bytes, at + bytes.position()) >= 0) {
      // Until it is full or the file ends.
    }
    return bytes;
  }
}
