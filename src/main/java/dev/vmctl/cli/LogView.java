package dev.vmctl.cli;

import dev.vmctl.api.LogChunk;
import dev.vmctl.api.LogKind;
import dev.vmctl.api.Vmctl;
import dev.vmctl.model.VmName;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Shows logs: the bytes as they are for a file or pipe, without what would command the terminal for
 * a person.
 */
final class LogView {
  private static final Duration WAIT = Duration.ofSeconds(30);

  /** First guess at how far back the last lines start. */
  private static final long NEAR_END = 64 * 1024;

  private static final long FARTHEST = 64 * 1024 * 1024;

  private final Vmctl vmctl;
  private final VmName name;
  private final Terminal terminal;
  private final boolean headings;
  private final Map<LogKind, Long> offsets = new EnumMap<>(LogKind.class);
  private final Map<LogKind, PlainText> filters = new EnumMap<>(LogKind.class);
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable LogKind latest;
  private boolean inLine;

  /**
   * @param headings whether to say which log comes, whenever that changes
   */
  LogView(Vmctl vmctl, VmName name, Terminal terminal, boolean headings) {
    this.vmctl = vmctl;
    this.name = name;
    this.terminal = terminal;
    this.headings = headings;
    for (LogKind kind : LogKind.values()) {
      filters.put(kind, new PlainText());
    }
  }

  /**
   * Shows what there is of a log.
   *
   * @param since only what was written since then; null for all
   * @param lines only so many of the last; null for all
   */
  void show(LogKind kind, @Nullable Instant since, @Nullable Integer lines) {
    long start = since == null ? 0 : vmctl.logOffset(name, kind, since);
    if (lines != null) {
      print(kind, lastLines(kind, start, lines));
      return;
    }
    long offset = start;
    LogChunk chunk;
    do {
      chunk = vmctl.log(name, kind, offset, Duration.ZERO);
      offset = chunk.next();
      print(kind, chunk.data());
    } while (chunk.data().length > 0);
    offsets.put(kind, offset);
  }

  /** Shows more of the logs as it comes, until the process is ended. */
  void follow(List<LogKind> kinds) {
    List<CompletableFuture<Void>> followers = new ArrayList<>();
    for (LogKind kind : kinds) {
      CompletableFuture<Void> follower = new CompletableFuture<>();
      followers.add(follower);
      Thread.ofVirtual().name("log " + kind.text()).start(() -> followOne(kind, follower));
    }
    try {
      CompletableFuture.anyOf(followers.toArray(CompletableFuture[]::new)).join();
    } catch (CompletionException failed) {
      throw failed.getCause() instanceof RuntimeException cause ? cause : failed;
    }
  }

  private void followOne(LogKind kind, CompletableFuture<Void> follower) {
    long offset = offsets.getOrDefault(kind, 0L);
    try {
      while (!follower.isDone() && terminal.isRead()) {
        LogChunk chunk = vmctl.log(name, kind, offset, WAIT);
        offset = chunk.next();
        print(kind, chunk.data());
      }
      follower.complete(null);
    } catch (RuntimeException failure) {
      follower.completeExceptionally(failure);
    }
  }

  private byte[] lastLines(LogKind kind, long start, int lines) {
    long distance = NEAR_END;
    while (true) {
      byte[] end = read(kind, -distance);
      long next = Objects.requireNonNull(offsets.get(kind));
      // No farther back than what was asked for.
      int first = Math.clamp(start - (next - end.length), 0, end.length);
      int from = Math.max(first, startOfLast(end, lines));
      if (from > 0 || end.length < distance || distance >= FARTHEST) {
        return Arrays.copyOfRange(end, from, end.length);
      }
      distance *= 8;
    }
  }

  private byte[] read(LogKind kind, long from) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    long offset = from;
    LogChunk chunk;
    do {
      chunk = vmctl.log(name, kind, offset, Duration.ZERO);
      offset = chunk.next();
      bytes.writeBytes(chunk.data());
    } while (chunk.data().length > 0);
    offsets.put(kind, offset);
    return bytes.toByteArray();
  }

  /** Where the last {@code lines} lines start; 0 when there are not so many. */
  private static int startOfLast(byte[] bytes, int lines) {
    if (lines <= 0) {
      return bytes.length;
    }
    int found = 0;
    // The end of the last line does not start another.
    for (int i = bytes.length - 2; i >= 0; i--) {
      if (bytes[i] == '\n' && ++found == lines) {
        return i + 1;
      }
    }
    return 0;
  }

  private void print(LogKind kind, byte[] data) {
    if (data.length == 0) {
      return;
    }
    lock.lock();
    try {
      if (headings && kind != latest) {
        terminal.out().print(inLine ? "\n" : "");
        terminal.out().println("==> " + name + " " + kind.text() + " <==");
        latest = kind;
      }
      if (terminal.outIsTerminal()) {
        PlainText filter = Objects.requireNonNull(filters.get(kind));
        terminal.out().print(filter.of(new String(data, StandardCharsets.UTF_8)));
      } else {
        terminal.out().write(data, 0, data.length);
      }
      inLine = data[data.length - 1] != '\n';
    } finally {
      lock.unlock();
    }
  }
}
