package dev.vmctl.guest;

import dev.vmctl.host.AtomicFiles;
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
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** What a guest has said on its serial console since its last start. */
final class ConsoleLog {
  /** Where in the log this run of the guest begins. */
  private static final String START = "console.start";

  /** Of a guest that says much, so much of its end is looked at, in bytes. */
  private static final int MOST = 1 << 20;

  private static final int LAST_LINES = 10;

  private static final Set<StandardOpenOption> WRITE =
      Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE);
  private static final FileAttribute<?> OF_OWNER =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  private final Path log;
  private final Path start;

  ConsoleLog(Path directory) {
    log = directory.resolve(Guests.CONSOLE_LOG);
    start = directory.resolve(START);
  }

  /** The guest is about to be started: what comes from here on is of its next run. */
  void begin() {
    try (FileChannel channel = FileChannel.open(start, WRITE, OF_OWNER)) {
      long size = Files.exists(log) ? Files.size(log) : 0;
      // As wide as what it replaces, so that no half of it is ever there. Not synced: a host that
      // goes down takes the guest with it.
      String text = String.format(Locale.ROOT, "%019d%n", size);
      channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)), 0);
    } catch (IOException e) {
      throw AtomicFiles.failure("write", start, e);
    }
  }

  /** As a terminal would show it, line by line; empty when it has said nothing. */
  List<String> lines() {
    try (FileChannel channel = FileChannel.open(log, StandardOpenOption.READ)) {
      long size = channel.size();
      long begin = beginning();
      // A log that became shorter was begun anew.
      long from = Math.max(begin > size ? 0 : begin, size - MOST);
      ByteBuffer text = ByteBuffer.allocate((int) (size - from));
      while (text.hasRemaining() && channel.read(text, from + text.position()) > 0) {}
      String all = new String(text.array(), 0, text.position(), StandardCharsets.UTF_8);
      return all.lines().map(OutputTail::printable).filter(line -> !line.isBlank()).toList();
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (IOException e) {
      throw AtomicFiles.failure("read", log, e);
    }
  }

  private long beginning() throws IOException {
    try {
      return Long.parseLong(Files.readString(start).strip());
    } catch (NoSuchFileException e) {
      // Started by a version of vmctl that did not write it.
      return 0;
    } catch (NumberFormatException e) {
      throw new IOException(start + " holds no number", e);
    }
  }

  /** The last of it, for people. */
  List<String> tail() {
    List<String> all = lines();
    return all.subList(Math.max(0, all.size() - LAST_LINES), all.size());
  }
}
