package dev.vmctl.console;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.TimeUnit;

/**
 * A terminal device that carries a serial console's bytes, such as the end of a null modem. What
 * comes out of it goes to a log, by whoever keeps that, and is read there: so all who look see
 * everything, and nobody takes it from another.
 */
public final class TerminalDevice implements ByteChannel {
  private static final int KIND = 0170000;
  private static final int CHARACTER_DEVICE = 0020000;
  private static final long LOOK_AGAIN_MILLIS = 20;

  private final FileChannel log;
  private final FileChannel device;

  private TerminalDevice(FileChannel log, FileChannel device) {
    this.log = log;
    this.device = device;
  }

  public static boolean is(Path path) throws IOException {
    return Files.exists(path)
        && Files.getAttribute(path, "unix:mode") instanceof Integer mode
        && (mode & KIND) == CHARACTER_DEVICE;
  }

  /** What is read is what has come since. */
  public static TerminalDevice open(Path path, Path log) throws IOException {
    FileChannel said = FileChannel.open(log, StandardOpenOption.READ);
    try {
      said.position(said.size());
      return new TerminalDevice(said, FileChannel.open(path, StandardOpenOption.WRITE));
    } catch (IOException e) {
      said.close();
      throw e;
    }
  }

  /** Waits for something to be there; a log that became shorter was begun anew. */
  @Override
  public int read(ByteBuffer bytes) throws IOException {
    try {
      int count = log.read(bytes);
      while (count < 0) {
        TimeUnit.MILLISECONDS.sleep(LOOK_AGAIN_MILLIS);
        if (log.size() < log.position()) {
          log.position(0);
        }
        count = log.read(bytes);
      }
      return count;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting for the console");
    }
  }

  @Override
  public int write(ByteBuffer bytes) throws IOException {
    return device.write(bytes);
  }

  @Override
  public boolean isOpen() {
    return log.isOpen();
  }

  @Override
  public void close() throws IOException {
    try (log) {
      device.close();
    }
  }
}
