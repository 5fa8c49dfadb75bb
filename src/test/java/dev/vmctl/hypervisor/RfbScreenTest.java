package dev.vmctl.hypervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmctl.model.VmException;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A server that says, message by message, what RFC 6143 has it say. */
class RfbScreenTest {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private ServerSocket server;
  private byte way = 1;

  @BeforeEach
  void listen() throws IOException {
    server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::serve);
  }

  @AfterEach
  void close() throws IOException {
    server.close();
  }

  private String address() {
    return "127.0.0.1:" + server.getLocalPort();
  }

  private void serve() {
    try (Socket viewer = server.accept()) {
      DataInputStream in = new DataInputStream(viewer.getInputStream());
      DataOutputStream out = new DataOutputStream(viewer.getOutputStream());
      out.writeBytes("RFB 003.008\n");
      assertThat(new String(in.readNBytes(12), StandardCharsets.US_ASCII))
          .isEqualTo("RFB 003.008\n");
      out.write(new byte[] {2, 16, way});
      assertThat(in.readByte()).isEqualTo((byte) 1);
      out.writeInt(0);
      assertThat(in.readByte()).as("shared").isEqualTo((byte) 1);
      out.writeShort(3);
      out.writeShort(2);
      out.write(new byte[16]);
      out.writeInt(4);
      out.writeBytes("name");
      assertThat(in.readNBytes(20))
          .containsExactly(0, 0, 0, 0, 32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0, 0, 0, 0);
      assertThat(in.readNBytes(8)).containsExactly(2, 0, 0, 1, 0, 0, 0, 0);
      assertThat(in.readNBytes(10)).containsExactly(3, 0, 0, 0, 0, 0, 0, 3, 0, 2);
      out.write(2);
      out.write(new byte[] {3, 0, 0, 0, 0, 0, 0, 1, 'x'});
      out.write(new byte[] {0, 0, 0, 2});
      rectangle(out, 0, 0, 3, 1, 0xff0000);
      rectangle(out, 1, 1, 2, 1, 0x0000ff);
    } catch (IOException gone) {
      // The test tells by what it has got.
    }
  }

  private static void rectangle(DataOutputStream out, int x, int y, int w, int h, int colour)
      throws IOException {
    for (int each : new int[] {x, y, w, h}) {
      out.writeShort(each);
    }
    out.writeInt(0);
    for (int i = 0; i < w * h; i++) {
      out.writeInt(Integer.reverseBytes(colour));
    }
  }

  @Test
  void aPictureHasEveryRectangleInItsPlace() throws IOException {
    byte[] png = RfbScreen.shoot(address(), PATIENCE);
    BufferedImage picture =
        Objects.requireNonNull(ImageIO.read(new ByteArrayInputStream(png)), "no PNG");
    assertThat(picture.getWidth()).isEqualTo(3);
    assertThat(picture.getHeight()).isEqualTo(2);
    int[] colours = picture.getRGB(0, 0, 3, 2, null, 0, 3);
    assertThat(colours)
        .containsExactly(0xffff0000, 0xffff0000, 0xffff0000, 0xff000000, 0xff0000ff, 0xff0000ff);
  }

  @Test
  void aScreenWithAPasswordIsToldOf() {
    way = 2;
    assertThatThrownBy(() -> RfbScreen.shoot(address(), PATIENCE))
        .isInstanceOf(VmException.class)
        .hasMessageContaining("it asks for a password");
  }

  @Test
  void aScreenThatIsGoneIsToldOf() throws IOException {
    String there = address();
    server.close();
    assertThatThrownBy(() -> RfbScreen.shoot(there, PATIENCE))
        .isInstanceOf(VmException.class)
        .hasMessageContaining("gives no picture");
  }
}
