package dev.vmctl.qcow2;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** Reading and measuring the tables of an image. */
final class Tables {
  private Tables() {}

  /** The bytes from an offset on, ready to be read; fewer than asked for at the end of the file. */
  static ByteBuffer read(FileChannel file, long offset, int length) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(length);
    while (bytes.hasRemaining() && file.read(bytes, offset + bytes.position()) >= 0) {
      // Until it is full or the file ends.
    }
    return bytes.flip();
  }

  /**
   * @throws Qcow2FormatException when the file ends within them
   */
  static ByteBuffer readWhole(FileChannel file, long offset, int length)
      throws IOException, Qcow2FormatException {
    ByteBuffer bytes = read(file, offset, length);
    if (bytes.remaining() < length) {
      throw new Qcow2FormatException("ends within a table at byte " + offset + ": it is cut off");
    }
    return bytes;
  }

  /** How many first-level entries a disk of this size needs. */
  static long l1Entries(long virtualSize, int clusterBits, boolean extendedEntries) {
    int entryBits = extendedEntries ? 4 : 3;
    // A second-level table is one cluster of entries, each of which stands for one cluster.
    int coveredBits = clusterBits + clusterBits - entryBits;
    return (virtualSize >> coveredBits) + ((virtualSize & ((1L << coveredBits) - 1)) == 0 ? 0 : 1);
  }
}
