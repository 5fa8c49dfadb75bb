package dev.vmctl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmctl.console.TerminalDevice;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On a pseudo-terminal, whose other end a script holds, as a guest holds its serial port. */
class TerminalDeviceTest {
  private static final String GUEST =
      "import os, sys\n"
          + "master, slave = os.openpty()\n"
          + "print(os.ttyname(slave), flush=True)\n"
          + "heard = b''\n"
          + "while not heard.endswith(b'root\\r'):\n"
          + "    heard += os.read(master, 100)\n"
          + "os.write(master, b'welcome ' + heard)\n"
          + "sys.stdin.read()\n";

  @TempDir Path directory;

  @Test
  void aConsoleThatIsATerminalDeviceCarriesBytesAsTheyAreAndEchoesNothing() throws Exception {
    Path script = Files.writeString(directory.resolve("guest.py"), GUEST);
    Process guest = new ProcessBuilder("python3", script.toString()).start();
    try {
      Path device = Path.of(guest.inputReader().readLine());
      assertThat(TerminalDevice.is(device)).isTrue();
      assertThat(TerminalDevice.is(script)).isFalse();
      ByteArrayOutputStream shown = new ByteArrayOutputStream();
      try (TerminalDevice opened = TerminalDevice.open(device)) {
        opened.write(ByteBuffer.wrap("root\r".getBytes(StandardCharsets.UTF_8)));
        ByteBuffer bytes = ByteBuffer.allocate(100);
        while (!shown.toString(StandardCharsets.UTF_8).endsWith("root\r")) {
          opened.read(bytes.clear());
          shown.write(bytes.array(), 0, bytes.position());
        }
      }
      assertThat(shown.toString(StandardCharsets.UTF_8)).isEqualTo("welcome root\r");
    } finally {
      guest.destroyForcibly();
    }
  }

  @Test
  void aPersonDetachesFromIt() throws Exception {
    Path script = Files.writeString(directory.resolve("guest.py"), GUEST);
    Process guest = new ProcessBuilder("python3", script.toString()).start();
    try (ConsoleBridge bridge = ConsoleBridge.connect(Path.of(guest.inputReader().readLine()))) {
      bridge.run(new ByteArrayInputStream(new byte[] {'x', 0x1d}), new ByteArrayOutputStream());
    } finally {
      guest.destroyForcibly();
    }
  }
}
