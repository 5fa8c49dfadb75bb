package dev.vmctl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmctl.api.ConsoleAccess;
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

  /** Keeps what comes out of the device, as the keeper of a bhyve does. */
  private Path logged(Path device) throws Exception {
    Path log = Files.createFile(directory.resolve("console.log"));
    Process keeper =
        new ProcessBuilder("sh", "-c", "stty raw -echo; echo raw >&2; exec cat")
            .redirectInput(device.toFile())
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
    assertThat(keeper.errorReader().readLine()).isEqualTo("raw");
    return log;
  }

  @Test
  void whatIsTypedGoesToTheDeviceAndWhatIsSaidIsReadInItsLogByAll() throws Exception {
    Path script = Files.writeString(directory.resolve("guest.py"), GUEST);
    Process guest = new ProcessBuilder("python3", script.toString()).start();
    try {
      Path device = Path.of(guest.inputReader().readLine());
      assertThat(TerminalDevice.is(device)).isTrue();
      assertThat(TerminalDevice.is(script)).isFalse();
      Path log = logged(device);
      Files.writeString(log, "said before\n");
      try (TerminalDevice opened = TerminalDevice.open(device, log);
          TerminalDevice another = TerminalDevice.open(device, log)) {
        opened.write(ByteBuffer.wrap("root\r".getBytes(StandardCharsets.UTF_8)));
        assertThat(said(opened)).isEqualTo("welcome root\r");
        assertThat(said(another)).isEqualTo("welcome root\r");
      }
    } finally {
      guest.destroyForcibly();
    }
  }

  private static String said(TerminalDevice opened) throws Exception {
    ByteArrayOutputStream shown = new ByteArrayOutputStream();
    ByteBuffer bytes = ByteBuffer.allocate(100);
    while (!shown.toString(StandardCharsets.UTF_8).endsWith("root\r")) {
      opened.read(bytes.clear());
      shown.write(bytes.array(), 0, bytes.position());
    }
    return shown.toString(StandardCharsets.UTF_8);
  }

  @Test
  void aPersonDetachesFromIt() throws Exception {
    Path script = Files.writeString(directory.resolve("guest.py"), GUEST);
    Process guest = new ProcessBuilder("python3", script.toString()).start();
    Path device = Path.of(guest.inputReader().readLine());
    try (ConsoleBridge bridge = ConsoleBridge.connect(new ConsoleAccess(device, logged(device)))) {
      bridge.run(new ByteArrayInputStream(new byte[] {'x', 0x1d}), new ByteArrayOutputStream());
    } finally {
      guest.destroyForcibly();
    }
  }
}
