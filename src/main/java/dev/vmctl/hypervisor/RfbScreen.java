package dev.vmctl.hypervisor;

import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;

/**
 * Looks once at a screen by VNC: the RFB protocol 3.8 (RFC 6143) without a password, with raw
 * pixels, of which every server has to be able.
 */
final class RfbScreen {
  private static final String VERSION = "RFB 003.008\n";
  private static final int NO_PASSWORD = 1;
  private static final int RAW = 0;

  /** Larger than any screen there is, and small enough for memory. */
  private static final int MOST_PIXELS = 8192 * 8192;

  /** 32 bits a pixel in little-endian order: blue, green, red, nothing. */
  private static final byte[] PIXELS = {32, 24, 0, 1, 0, -1, 0, -1, 0, -1, 16, 8, 0, 0, 0, 0};

  private final DataInputStream in;
  private final DataOutputStream out;

  private RfbScreen(Socket server) throws IOException {
    in = new DataInputStream(server.getInputStream());
    out = new DataOutputStream(new BufferedOutputStream(server.getOutputStream()));
  }

  /**
   * What is on it.
   *
   * @param address such as {@code 127.0.0.1:5901}
   * @param deadline for the connection and for each answer
   * @return a PNG
   * @throws VmException io
   */
  static byte[] shoot(String address, Duration deadline) {
    int colon = address.lastIndexOf(':');
    int patience = (int) deadline.toMillis();
    try (Socket server = new Socket()) {
      server.connect(
          new InetSocketAddress(
              address.substring(0, colon), Integer.parseInt(address.substring(colon + 1))),
          patience);
      server.setSoTimeout(patience);
      return new RfbScreen(server).look();
    } catch (IOException e) {
      throw new VmException(
          ErrorCode.IO,
          "the screen at " + address + " gives no picture: " + e.getMessage(),
          "somebody else may look at it, or the guest has just ended: try again",
          e);
    }
  }

  private byte[] look() throws IOException {
    greet();
    out.write(1); // Together with others.
    out.flush();
    int width = in.readUnsignedShort();
    int height = in.readUnsignedShort();
    if (width == 0 || height == 0 || width > MOST_PIXELS / height) {
      throw new IOException("a size of " + width + "x" + height);
    }
    in.skipNBytes(PIXELS.length);
    in.skipNBytes(in.readInt());
    ask(width, height);
    awaitUpdate();
    return picture(width, height);
  }

  private void greet() throws IOException {
    String version = new String(in.readNBytes(VERSION.length()), StandardCharsets.US_ASCII);
    if (!version.matches("RFB 003\\.\\d{3}\n")) {
      throw new IOException("it does not speak RFB 3");
    }
    out.writeBytes(VERSION);
    out.flush();
    byte[] ways = in.readNBytes(in.readUnsignedByte());
    Arrays.sort(ways);
    if (Arrays.binarySearch(ways, (byte) NO_PASSWORD) < 0) {
      throw new IOException("it asks for a password");
    }
    out.write(NO_PASSWORD);
    out.flush();
    if (in.readInt() != 0) {
      throw new IOException("it lets nobody in");
    }
  }

  private void ask(int width, int height) throws IOException {
    out.writeInt(0); // SetPixelFormat and its padding.
    out.write(PIXELS);
    out.writeInt(2 << 24 | 1); // SetEncodings: one.
    out.writeInt(RAW);
    out.writeShort(3 << 8); // FramebufferUpdateRequest, of everything.
    out.writeInt(0);
    out.writeShort(width);
    out.writeShort(height);
    out.flush();
  }

  private void awaitUpdate() throws IOException {
    while (true) {
      switch (in.readUnsignedByte()) {
        case 0 -> {
          in.readByte();
          return;
        }
        case 2 -> {} // Bell.
        case 3 -> {
          in.skipNBytes(3); // ServerCutText.
          in.skipNBytes(in.readInt());
        }
        default -> throw new IOException("it says what was not asked for");
      }
    }
  }

  private byte[] picture(int width, int height) throws IOException {
    Png png = new Png(width, height);
    for (int left = in.readUnsignedShort(); left > 0; left--) {
      int x = in.readUnsignedShort();
      int y = in.readUnsignedShort();
      int columns = in.readUnsignedShort();
      int rows = in.readUnsignedShort();
      if (in.readInt() != RAW || x + columns > width || y + rows > height) {
        throw new IOException("it sends what was not asked for");
      }
      for (int row = y; row < y + rows; row++) {
        byte[] pixels = in.readNBytes(4 * columns);
        for (int i = 0; i + 3 < pixels.length; i += 4) {
          png.set(x + i / 4, row, pixels[i + 2], pixels[i + 1], pixels[i]);
        }
      }
    }
    return png.bytes();
  }
}
