package dev.vmctl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(20)
class ConsoleBridgeTest {
  @TempDir Path directory;
  private ServerSocketChannel server;
  private Path socket;

  @BeforeEach
  void listen() throws IOException {
    socket = directory.resolve("serial");
    server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(socket));
  }

  @AfterEach
  void close() throws IOException {
    server.close();
  }

  @Test
  void whatIsTypedBeforeTheDetachKeyReachesTheGuest() throws IOException {
    byte[] typed = "root\r\u001dnot sent".getBytes(StandardCharsets.US_ASCII);

    try (ConsoleBridge bridge = ConsoleBridge.connect(socket)) {
      bridge.run(new ByteArrayInputStream(typed), new ByteArrayOutputStream());
    }

    assertThat(readAll()).isEqualTo("root\r");
  }

  @Test
  void whatTheGuestWritesIsShownUntilItHangsUp() throws IOException {
    ByteArrayOutputStream shown = new ByteArrayOutputStream();
    try (ConsoleBridge bridge = ConsoleBridge.connect(socket);
        PipedOutputStream keyboard = new PipedOutputStream();
        PipedInputStream in = new PipedInputStream(keyboard)) {
      try (SocketChannel guest = server.accept()) {
        guest.write(ByteBuffer.wrap("login: ".getBytes(StandardCharsets.US_ASCII)));
      }

      bridge.run(in, shown);
    }

    assertThat(shown.toString(StandardCharsets.US_ASCII)).isEqualTo("login: ");
  }

  private String readAll() throws IOException {
    try (SocketChannel guest = server.accept()) {
      ByteBuffer buffer = ByteBuffer.allocate(100);
      while (guest.read(buffer) >= 0) {
        assertThat(buffer.hasRemaining()).isTrue();
      }
      return new String(buffer.array(), 0, buffer.position(), StandardCharsets.US_ASCII);
    }
  }
}
