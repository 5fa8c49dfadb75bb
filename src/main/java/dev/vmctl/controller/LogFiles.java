package dev.vmctl.controller;

import dev.vmctl.api.LogChunk;
import dev.vmctl.api.LogKind;
import dev.vmctl.guest.Guests;
import dev.vmctl.host.AppendedLog;
import dev.vmctl.host.AtomicFiles;
import dev.vmctl.host.FileChanges;
import dev.vmctl.host.LogTimes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;

/** Reads pieces of a VM's logs. */
final class LogFiles {
  /** Names in a VM's directory. */
  static final String CONSOLE = Guests.CONSOLE_LOG;

  static final String HYPERVISOR = "qemu.log";

  private static final int LARGEST_PIECE = 64 << 10;

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
    if (chunk.data().length > 0 || wait.isZero()) {
      return chunk;
    }
    try (FileChanges changes = FileChanges.in(file.resolveSibling(""))) {
      // Once more, as it may have come before the watch.
      chunk = readNow(file, chunk.next());
      long left = end - System.nanoTime();
      while (chunk.data().length == 0 && left > 0) {
        changes.await(Duration.ofNanos(left));
        chunk = readNow(file, chunk.next());
        left = end - System.nanoTime();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return chunk;
  }

  /** Where in a log begins what was written since then; see {@link dev.vmctl.api.Vmctl}. */
  static long since(Path file, LogKind kind, Instant moment) {
    try {
      return switch (kind) {
        case CONSOLE, HYPERVISOR -> LogTimes.of(file).since(moment);
        case PROVISION -> ProvisionLogTimes.since(file, moment);
      };
    } catch (IOException e) {
      throw AtomicFiles.failure("read", file, e);
    }
  }

  private static LogChunk readNow(Path file, long offset) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long size = channel.size();
      long wanted = offset < 0 ? Math.max(0, size + offset) : offset;
      // A log that became shorter was begun anew.
      long from = wanted > size ? 0 : wanted;
      byte[] piece = piece(channel, from, size);
      if (piece.length > 0 && piece[0] == 0) {
        long left = AppendedLog.next(file, from);
        return left == from
            ? new LogChunk(from + piece.length, piece)
            : wholeLines(left, piece(channel, left, size));
      }
      return new LogChunk(from + piece.length, piece);
    } catch (NoSuchFileException e) {
      return new LogChunk(0, new byte[0]);
    } catch (IOException e) {
      throw AtomicFiles.failure("read", file, e);
    }
  }

  private static byte[] piece(FileChannel channel, long from, long size) throws IOException {
    ByteBuffer piece = ByteBuffer.allocate(Math.clamp(size - from, 0, LARGEST_PIECE));
    int read = Math.max(0, channel.read(piece, from));
    return Arrays.copyOf(piece.array(), read);
  }

  /** What is left of a log begins somewhere in a line: that line's rest says nothing. */
  private static LogChunk wholeLines(long from, byte[] piece) {
    int start = 0;
    while (start < piece.length && piece[start] != '\n') {
      start++;
    }
    int whole = start == piece.length ? 0 : start + 1;
    return new LogChunk(from + piece.length, Arrays.copyOfRange(piece, whole, piece.length));
  }
}
