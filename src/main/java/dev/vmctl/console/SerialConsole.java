package dev.vmctl.console;

import dev.vmctl.api.ConsoleAccess;
import java.io.IOException;
import java.nio.channels.ByteChannel;
import java.nio.file.Path;
import java.util.Objects;

/** Opens a VM's serial console, by whatever way there is. */
public final class SerialConsole {
  private SerialConsole() {}

  /**
   * What is written is typed; what is read the guest has said since.
   *
   * @throws IOException when nobody serves it
   */
  public static ByteChannel open(ConsoleAccess access) throws IOException {
    ConsoleAccess.WebSocketAccess web = access.webSocket();
    if (web != null) {
      return WebSocketChannel.open(web);
    }
    Path path = Objects.requireNonNull(access.socket());
    return TerminalDevice.is(path)
        ? TerminalDevice.open(path, access.log())
        : SharedConsole.open(path);
  }
}
