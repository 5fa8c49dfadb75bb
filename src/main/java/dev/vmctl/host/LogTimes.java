package dev.vmctl.host;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * When a log was how long, for a log whose writer writes no times: noted beside it, whenever
 * somebody looks. All before the length that was seen at a moment was written before that moment.
 */
public final class LogTimes {
  /** Each is as long, so that a part of a file of them is a file of them. */
  private static final int ENTRY = 2 * 20;

  private static final int MOST_ENTRIES = 4096;

  /** Closer together they say no more. */
  private static final Duration APART = Duration.ofSeconds(5);

  private static final Set<StandardOpenOption> APPEND =
      Set.of(StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  private static final FileAttribute<?> OF_OWNER =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  private final Path log;
  private final Path file;

  private record Mark(Instant time, long size) {
    String text() {
      return String.format(Locale.ROOT, "%019d %019d%n", time.toEpochMilli(), size);
    }
  }

  private LogTimes(Path log) {
    this.log = log;
    this.file = log.resolveSibling(log.getFileName() + ".times");
  }

  public static LogTimes of(Path log) {
    return new LogTimes(log);
  }

  /** Notes how long the log is now, if that is worth a note. */
  public void mark(Instant now) throws IOException {
    long size = size(log);
    List<Mark> last = last();
    if (!last.isEmpty() && size < last.getLast().size()) {
      forget(); // The log was begun anew.
      last = List.of();
    }
    boolean worth =
        last.isEmpty()
            ? size > 0
            : size > last.getLast().size() && !now.isBefore(last.getLast().time().plus(APART));
    if (!worth) {
      return;
    }
    String mark = new Mark(now, size).text();
    if (size(file) >= (long) MOST_ENTRIES * ENTRY) {
      List<Mark> all = marks();
      StringBuilder kept = new StringBuilder();
      all.subList(all.size() / 2, all.size()).forEach(each -> kept.append(each.text()));
      AtomicFiles.write(file, kept + mark, AtomicFiles.Access.OWNER);
      return;
    }
    try (FileChannel channel = FileChannel.open(file, APPEND, OF_OWNER)) {
      channel.write(ByteBuffer.wrap(mark.getBytes(StandardCharsets.US_ASCII)));
    }
  }

  /**
   * Where begins what was written since then: not after it, and before it by no more than was
   * written between two looks. The log's length when nothing was.
   */
  public long since(Instant moment) throws IOException {
    long size = size(log);
    if (size == 0 || Files.getLastModifiedTime(log).toInstant().isBefore(moment)) {
      return size;
    }
    long from = 0;
    for (Mark mark : marks()) {
      if (!mark.time().isAfter(moment) && mark.size() <= size) {
        from = Math.max(from, mark.size());
      }
    }
    return from;
  }

  /** The log is set aside, or begun anew. */
  public void forget() throws IOException {
    Files.deleteIfExists(file);
  }

  private List<Mark> marks() throws IOException {
    return marks(0);
  }

  private List<Mark> last() throws IOException {
    return marks(Math.max(0, size(file) / ENTRY - 1) * ENTRY);
  }

  /** From an offset in the file on; a half entry, of a host that went down, is none. */
  private List<Mark> marks(long from) throws IOException {
    List<Mark> marks = new ArrayList<>();
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer bytes = ByteBuffer.allocate((int) Math.max(0, channel.size() - from));
      channel.read(bytes, from);
      String text = new String(bytes.array(), 0, bytes.position(), StandardCharsets.US_ASCII);
      for (String line : text.split("\n", -1)) {
        if (line.matches("\\d{19} \\d{19}")) {
          Instant time = Instant.ofEpochMilli(Long.parseLong(line.substring(0, 19)));
          marks.add(new Mark(time, Long.parseLong(line.substring(20))));
        }
      }
    } catch (NoSuchFileException none) {
      return List.of();
    }
    return marks;
  }

  private static long size(Path file) throws IOException {
    try {
      return Files.size(file);
    } catch (NoSuchFileException e) {
      return 0;
    }
  }
}
