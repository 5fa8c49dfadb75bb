package dev.vmctl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmctl.api.ConsoleAccess;
import dev.vmctl.console.SharedConsole;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
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

    try (ConsoleBridge bridge =
        ConsoleBridge.connect(new ConsoleAccess(socket, Path.of("/none")))) {
      bridge.run(new ByteArrayInputStream(typed), new ByteArrayOutputStream());
    }

    assertThat(readAll()).isEqualTo("root\r");
  }

  @Test
  void whatTheGuestWritesIsShownUntilItHangsUp() throws IOException {
    ByteArrayOutputStream shown = new ByteArrayOutputStream();
    try (ConsoleBridge bridge = ConsoleBridge.connect(new ConsoleAccess(socket, Path.of("/none")));
        PipedOutputStream keyboard = new PipedOutputStream();
        PipedInputStream in = new PipedInputStream(keyboard)) {
      try (SocketChannel guest = server.accept()) {
        guest.write(ByteBuffer.wrap("login: ".getBytes(StandardCharsets.US_ASCII)));
        server.close();
      }

      bridge.run(in, shown);
    }

    assertThat(shown.toString(StandardCharsets.US_ASCII)).isEqualTo("login: ");
  }

  @Test
  void severalSeeTheSameAndMayType() throws IOException {
    try (SharedConsole first = SharedConsole.open(socket);
        SocketChannel guest = server.accept();
        SharedConsole second = SharedConsole.open(socket)) {
      type(second, "two");
      assertThat(read(guest, 3)).isEqualTo("two");
      type(first, "one");
      assertThat(read(guest, 3)).isEqualTo("one");

      guest.write(ByteBuffer.wrap("seen".getBytes(StandardCharsets.US_ASCII)));
      assertThat(read(first, 4)).isEqualTo("seen");
      assertThat(read(second, 4)).isEqualTo("seen");
    }
  }

  @Test
  void whoStaysTakesOverWhenTheOneThatServedItGoes() throws Exception {
    SharedConsole first = SharedConsole.open(socket);
    try (SocketChannel guest = server.accept();
        SharedConsole second = SharedConsole.open(socket)) {
      type(second, "one");
      assertThat(read(guest, 3)).isEqualTo("one");
      FutureTask<String> reading = new FutureTask<>(() -> read(second, 4));
      Thread.ofVirtual().start(reading);
      first.close();
      try (SocketChannel again = server.accept()) {
        again.write(ByteBuffer.wrap("seen".getBytes(StandardCharsets.US_ASCII)));
        assertThat(reading.get(60, TimeUnit.SECONDS)).isEqualTo("seen");
        type(second, "two");
        assertThat(read(again, 3)).isEqualTo("two");
      }
    }
  }

  @Test
  void aConsoleThatFindsWhatAKilledProcessLeftServesItself() throws IOException {
    Files.writeString(directory.resolve("serial.lock"), "");
    try (ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      dead.bind(UnixDomainSocketAddress.of(directory.resolve("serial.tty")));
    }
    try (SharedConsole console = SharedConsole.open(socket);
        SocketChannel guest = server.accept()) {
      type(console, "here");
      assertThat(read(guest, 4)).isEqualTo("here");
    }
  }

  private static void type(ByteChannel channel, String text) throws IOException {
    channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
  }

  private static String read(ByteChannel channel, int count) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(count);
    while (buffer.hasRemaining() && channel.read(buffer) >= 0) {
      assertThat(buffer.position()).isPositive();
    }
    return new String(buffer.array(), StandardCharsets.US_ASCII);
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
