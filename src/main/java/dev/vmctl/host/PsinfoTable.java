package dev.vmctl.host;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What the kernel of illumos tells in {@code /proc/PID/psinfo}: proc(5)'s {@code psinfo_t} as
 * 64-bit programs get it. Of a command line it has the first 80 bytes.
 */
final class PsinfoTable implements ProcessTable {
  private static final int THREADS = 4;
  private static final int START_SECONDS = 88;
  private static final int ARGUMENTS = 152;
  private static final int ARGUMENTS_BYTES = 80;

  private final Path proc;

  PsinfoTable(Path proc) {
    this.proc = proc;
  }

  @Override
  public Optional<Row> find(long pid) {
    Path file = proc.resolve(Long.toString(pid)).resolve("psinfo");
    try {
      ByteBuffer psinfo = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.nativeOrder());
      if (psinfo.limit() < ARGUMENTS + ARGUMENTS_BYTES) {
        throw new IOException("it has only " + psinfo.limit() + " bytes");
      }
      // A zombie has no threads left.
      return psinfo.getInt(THREADS) == 0
          ? Optional.empty()
          : Optional.of(
              new Row(new HostProcess(pid, psinfo.getLong(START_SECONDS)), words(psinfo)));
    } catch (NoSuchFileException gone) {
      return Optional.empty();
    } catch (IOException e) {
      if (!Files.exists(file)) {
        return Optional.empty(); // it ended while it was read
      }
      throw AtomicFiles.failure("read", file, e);
    }
  }

  private static List<String> words(ByteBuffer psinfo) {
    byte[] text = new byte[ARGUMENTS_BYTES];
    psinfo.get(ARGUMENTS, text);
    int end = 0;
    while (end < text.length && text[end] != 0) {
      end++;
    }
    return List.of(new String(text, 0, end, StandardCharsets.UTF_8).strip().split("\\s+"));
  }

  @Override
  public List<Row> all() {
    try (Stream<Path> processes = Files.list(proc)) {
      return processes
          .map(each -> each.getFileName().toString())
          .filter(name -> name.matches("[1-9]\\d{0,9}"))
          .flatMap(name -> find(Long.parseLong(name)).stream())
          .toList();
    } catch (IOException e) {
      throw AtomicFiles.failure("list", proc, e);
    }
  }
}
