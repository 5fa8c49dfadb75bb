package dev.vmctl.controller;

import dev.vmctl.api.LogChunk;
import dev.vmctl.api.LogKind;
import dev.vmctl.guest.Guests;
import dev.vmctl.host.AtomicFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;

/** Reads pieces of a VM's logs. */
final class LogFiles {
  /** Names in a VM's directory. */
  static final String CONSOLE = "console.log";

  static final String HYPERVISOR = "qemu.log";

  private static final int LARGEST_PIECE = 64 << 10;

  /** How often a log is looked at while somebody waits for more of it. */
  private static final Duration POLL = Duration.ofMillis(50);

  private LogFiles() {}

  static Path path(Path directory, LogKind kind) {
    return directory.resolve(
        switch (kind) {
          case CONSOLE -> CONSOLE;
          case PROVISION -> Guests.PROVISION_LOG;
          case HYPERVISOR -> HYPERVISOR;
        });
  }

  /**
   * A piece from {@code offset} (negative: from the end); waits for one. A log that is not there
   * yet is an empty one.
   */
  static LogChunk read(Path file, long offset, Duration wait) {
    long end = System.nanoTime() + Math.min(wait.toNanos(), Watchers.LONGEST_WAIT.toNanos());
    LogChunk chunk = readNow(file, offset);
    try {
      while (chunk.data().length == 0 && System.nanoTime() < end) {
        Thread.sleep(POLL);
        chunk = readNow(file, chunk.next());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return chunk;
  }

  private static LogChunk readNow(Path file, long offset) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long size = channel.size();
      long wanted = offset < 0 ? Math.max(0, size + offset) : offset;
      // A log that became shorter was begun anew.
      long from = wanted > size ? 0 : wanted;
      ByteBuffer piece = ByteBuffer.allocate((int) Math.min(LARGEST_PIECE, size - from));
      int read = Math.max(0, channel.read(piece, from));
      return new LogChunk(from + read, Arrays.copyOf(piece.array(), read));
    } catch (NoSuchFileException e) {
      return new LogChunk(0, new byte[0]);
    } catch (IOException e) {
      throw AtomicFiles.failure("read", file, e);
    }
  }
}
