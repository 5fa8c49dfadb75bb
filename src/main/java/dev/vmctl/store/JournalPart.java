package dev.vmctl.store;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** One file of the journal, open: it stays this one when it is renamed meanwhile. */
final class JournalPart implements Closeable {
  private static final String HEAD = "{\"place\":";
  private static final int LONGEST_HEAD = 64;

  private final FileChannel channel;
  private final long size;

  private JournalPart(FileChannel channel) throws IOException {
    this.channel = channel;
    size = channel.size();
  }

  /** Null when there is none. */
  static @Nullable JournalPart open(Path file) throws IOException {
    try {
      return new JournalPart(FileChannel.open(file));
    } catch (NoSuchFileException none) {
      return null;
    }
  }

  /** The first line of a file that begins at this place. */
  static String head(long place) {
    return HEAD + place + "}\n";
  }

  /** The place of its first byte; empty when who wrote it knew of none. */
  OptionalLong place() throws IOException {
    String begin = new String(read(0, LONGEST_HEAD), StandardCharsets.UTF_8);
    int end = begin.indexOf('}');
    if (!begin.startsWith(HEAD) || end < 0) {
      return OptionalLong.empty();
    }
    return OptionalLong.of(Long.parseLong(begin.substring(HEAD.length(), end)));
  }

  long size() {
    return size;
  }

  /** Adds the whole lines from a byte on; returns where the first begins that is not whole. */
  long addLines(long from, List<String> lines) throws IOException {
    long begin = Math.clamp(from, 0, size);
    byte[] bytes = read(begin, Math.toIntExact(size - begin));
    int start = 0;
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == '\n') {
        String line = new String(bytes, start, i - start, StandardCharsets.UTF_8);
        if (!line.startsWith(HEAD)) {
          lines.add(line);
        }
        start = i + 1;
      }
    }
    return begin + start;
  }

  private byte[] read(long at, int most) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(Math.min(most, size - at)));
    long next = at;
    for (int count = 0; bytes.hasRemaining() && count >= 0; next += Math.max(count, 0)) {
      count = channel.read(bytes, next);
    }
    byte[] all = new byte[bytes.position()];
    bytes.flip().get(all);
    return all;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
