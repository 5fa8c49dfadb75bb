package dev.vmctl.qcow2;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * One of the snapshots that an image has within itself.
 *
 * @param memoryBytes size of the guest's state that is kept with it; 0 for none
 * @param virtualSize size of the disk then, bytes
 */
public record Qcow2Snapshot(String name, long memoryBytes, long virtualSize) {
  /** QEMU opens no image with more. */
  private static final int MOST = 65_536;

  private static final int NUMBER = 60;
  private static final int HEAD = 40;

  /**
   * Reads the table of them; also of an image that a QEMU has open, which replaces the table as a
   * whole.
   *
   * @throws Qcow2FormatException when it is cut off, or contradicts itself
   */
  public static List<Qcow2Snapshot> read(FileChannel file)
      throws IOException, Qcow2FormatException {
    Qcow2Header header = Qcow2Header.read(file);
    ByteBuffer where = Tables.readWhole(file, NUMBER, Integer.BYTES + Long.BYTES);
    int number = where.getInt();
    long offset = where.getLong();
    if (number < 0 || number > MOST) {
      throw new Qcow2FormatException("has " + Integer.toUnsignedString(number) + " snapshots");
    }
    List<Qcow2Snapshot> all = new ArrayList<>();
    for (int each = 0; each < number; each++) {
      ByteBuffer head = Tables.readWhole(file, offset, HEAD);
      int idLength = Short.toUnsignedInt(head.getShort(12));
      int nameLength = Short.toUnsignedInt(head.getShort(14));
      int extraLength = head.getInt(36);
      if (extraLength < 0 || extraLength > 1024) {
        throw new Qcow2FormatException("has a snapshot with too much about it");
      }
      int length = HEAD + extraLength + idLength + nameLength;
      ByteBuffer whole = Tables.readWhole(file, offset, length);
      byte[] name = new byte[nameLength];
      whole.get(length - nameLength, name);
      all.add(
          new Qcow2Snapshot(
              new String(name, StandardCharsets.UTF_8),
              extraLength >= 8 ? whole.getLong(HEAD) : Integer.toUnsignedLong(head.getInt(32)),
              extraLength >= 16 ? whole.getLong(HEAD + 8) : header.virtualSize()));
      offset += (length + 7) / 8 * 8L;
    }
    return all;
  }
}
