package dev.vmctl.console;

import dev.vmctl.host.OperatingSystem;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * A terminal device that carries a serial console's bytes, such as the end of a null modem. Read
 * and written through two descriptors: a file channel lets nobody write while it waits for input.
 */
public final class TerminalDevice implements ByteChannel {
  private static final int KIND = 0170000;
  private static final int CHARACTER_DEVICE = 0020000;

  private final FileChannel in;
  private final FileChannel out;

  private TerminalDevice(FileChannel in, FileChannel out) {
    this.in = in;
    this.out = out;
  }

  public static boolean is(Path path) throws IOException {
    return Files.exists(path)
        && Files.getAttribute(path, "unix:mode") instanceof Integer mode
        && (mode & KIND) == CHARACTER_DEVICE;
  }

  /** Opens it so that bytes pass as they are: by itself it would echo all the guest says to it. */
  public static TerminalDevice open(Path path) throws IOException {
    FileChannel in = FileChannel.open(path, StandardOpenOption.READ);
    try {
      raw(path);
      return new TerminalDevice(in, FileChannel.open(path, StandardOpenOption.WRITE));
    } catch (IOException e) {
      in.close();
      throw e;
    }
  }

  private static void raw(Path path) throws IOException {
    boolean linux = OperatingSystem.current() == OperatingSystem.LINUX;
    List<String> command = List.of("stty", linux ? "-F" : "-f", path.toString(), "raw", "-echo");
    Process stty = new ProcessBuilder(command).redirectErrorStream(true).start();
    try {
      String said = new String(stty.getInputStream().readAllBytes()).strip();
      if (stty.waitFor() != 0) {
        throw new IOException(said);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  @Override
  public int read(ByteBuffer bytes) throws IOException {
    return in.read(bytes);
  }

  @Override
  public int write(ByteBuffer bytes) throws IOException {
    return out.write(bytes);
  }

  @Override
  public boolean isOpen() {
    return in.isOpen();
  }

  @Override
  public void close() throws IOException {
    try (in) {
      out.close();
    }
  }
}
