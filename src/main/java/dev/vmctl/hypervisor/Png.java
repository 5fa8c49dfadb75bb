package dev.vmctl.hypervisor;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;

/** A picture of three bytes a pixel, and its PNG (ISO 15948): as the JDK's needs a desktop. */
final class Png {
  private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
  private static final byte BITS = 8;
  private static final byte TRUE_COLOUR = 2;

  private final int width;
  private final int height;

  /** Each row begins with its filter, which is none. */
  private final byte[] rows;

  Png(int width, int height) {
    this.width = width;
    this.height = height;
    rows = new byte[height * (1 + 3 * width)];
  }

  void set(int x, int y, byte red, byte green, byte blue) {
    int at = y * (1 + 3 * width) + 1 + 3 * x;
    rows[at] = red;
    rows[at + 1] = green;
    rows[at + 2] = blue;
  }

  byte[] bytes() {
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    png.writeBytes(SIGNATURE);
    ByteBuffer head = ByteBuffer.allocate(13).putInt(width).putInt(height);
    head.put(BITS).put(TRUE_COLOUR);
    chunk(png, "IHDR", head.array());
    chunk(png, "IDAT", compressed());
    chunk(png, "IEND", new byte[0]);
    return png.toByteArray();
  }

  private byte[] compressed() {
    ByteArrayOutputStream data = new ByteArrayOutputStream();
    try (DeflaterOutputStream deflater =
        new DeflaterOutputStream(data, new Deflater(Deflater.BEST_SPEED))) {
      deflater.write(rows);
    } catch (IOException e) {
      throw new UncheckedIOException("memory takes every byte", e);
    }
    return data.toByteArray();
  }

  private static void chunk(ByteArrayOutputStream png, String type, byte[] data) {
    byte[] name = type.getBytes(StandardCharsets.US_ASCII);
    CRC32 sum = new CRC32();
    sum.update(name);
    sum.update(data);
    png.writeBytes(ByteBuffer.allocate(4).putInt(data.length).array());
    png.writeBytes(name);
    png.writeBytes(data);
    png.writeBytes(ByteBuffer.allocate(4).putInt((int) sum.getValue()).array());
  }
}
