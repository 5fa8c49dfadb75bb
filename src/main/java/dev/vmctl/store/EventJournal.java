package dev.vmctl.store;

import dev.vmctl.host.AtomicFiles;
import dev.vmctl.host.Log;
import dev.vmctl.json.Json;
import dev.vmctl.model.VmEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The events, one JSON object a line, newest last. The same event again within the recent past is
 * counted instead of repeated: a line with a higher count takes the place of the earlier ones when
 * read. Bounded: two files of at most {@value #LARGEST} bytes, the older of which goes.
 *
 * <p>A place in it is the number of bytes ever written before: it rises whatever the clock does,
 * and means the same to every process. A new file begins with its own.
 */
public final class EventJournal {
  private static final long LARGEST = 4L << 20;

  /** How many different events are remembered for counting. */
  private static final int RECENT = 1024;

  /** How long after its last occurrence the same event is counted instead of told again. */
  private static final Duration TOGETHER = Duration.ofMinutes(10);

  /** How often it is looked for what other processes write. */
  private static final Duration LOOK = Duration.ofMillis(500);

  private static final System.Logger log = Log.of(EventJournal.class);

  private final Path file;
  private volatile boolean writable = true;
  private long written;
  private final Map<Key, VmEvent> recent =
      new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, VmEvent> eldest) {
          return size() > RECENT;
        }
      };

  public EventJournal(Path file) {
    this.file = file;
  }

  /**
   * Adds an event and answers it with its count. A journal that cannot be written never stops the
   * loop: that is logged.
   */
  public synchronized VmEvent add(VmEvent event) {
    VmEvent earlier = recent.get(Key.of(event));
    VmEvent counted =
        earlier == null || earlier.time().plus(TOGETHER).isBefore(event.time())
            ? event
            : new VmEvent(
                event.time(),
                event.type(),
                event.reason(),
                event.vm(),
                event.message(),
                earlier.count() + 1);
    recent.put(Key.of(event), counted);
    try {
      append(counted);
      if (!writable) {
        log.log(System.Logger.Level.INFO, "events are written to {0} again", file);
      }
      writable = true;
    } catch (IOException e) {
      // Said once: where the disk is full, the log may be on the same one.
      if (writable) {
        log.log(
            System.Logger.Level.WARNING,
            "events cannot be written to {0} and are lost until they can: {1}",
            file,
            e);
      }
      writable = false;
    }
    return counted;
  }

  /** Whether the last event could be written. */
  public boolean isWritable() {
    return writable;
  }

  /**
   * Events from some place on, each as often as it was written.
   *
   * @param next the place after them
   */
  public record Told(List<VmEvent> events, long next) {
    public Told {
      events = List.copyOf(events);
    }

    /** Repeated ones once, where they happened last. */
    public Told aggregated() {
      Map<Key, VmEvent> latest = new HashMap<>();
      Set<VmEvent> once = new LinkedHashSet<>();
      for (VmEvent event : events) {
        VmEvent counted = latest.put(Key.of(event), event);
        if (counted != null && event.count() > 1) {
          once.remove(counted);
        }
        once.add(event);
      }
      return new Told(List.copyOf(once), next);
    }
  }

  /** All events there are, oldest first, repeated ones once. */
  public List<VmEvent> read() {
    return after(0).aggregated().events();
  }

  /**
   * The events from a place on, or from the oldest that there is; all there are when the journal
   * does not reach that far, as it is another one.
   */
  public Told after(long place) {
    List<String> lines = new ArrayList<>();
    // The newer first: when it becomes the older one meanwhile, it is known again by its place.
    try (JournalPart newer = JournalPart.open(file);
        JournalPart older = JournalPart.open(older())) {
      long begin = older == null ? 0 : older.place().orElse(0);
      long middle = older == null ? 0 : begin + older.size();
      long end = middle;
      if (newer != null) {
        middle = newer.place().orElse(middle);
        end = middle + newer.size();
      }
      long from = place > end ? 0 : place;
      long next = middle;
      if (older != null && begin < middle) {
        next = begin + older.addLines(from - begin, lines);
      }
      if (newer != null) {
        next = middle + newer.addLines(from - middle, lines);
      }
      return new Told(lines.stream().flatMap(line -> parse(line).stream()).toList(), next);
    } catch (IOException e) {
      throw AtomicFiles.failure("read", file, e);
    }
  }

  /** The same; waits for one, but no longer than said. */
  public Told await(long place, Duration wait) {
    long end = System.nanoTime() + wait.toNanos();
    try {
      while (true) {
        long seen = written();
        Told told = after(place);
        long left = Math.min((end - System.nanoTime()) / 1_000_000, LOOK.toMillis());
        if (!told.events().isEmpty() || left <= 0) {
          return told;
        }
        awaitMore(seen, left);
      }
    } catch (InterruptedException e) {
      // The caller is going away.
      Thread.currentThread().interrupt();
      return new Told(List.of(), place);
    }
  }

  private synchronized long written() {
    return written;
  }

  @SuppressWarnings("WaitNotInLoop") // the caller loops, and a waking too many costs it a look
  private synchronized void awaitMore(long seen, long millis) throws InterruptedException {
    if (written == seen) {
      wait(millis);
    }
  }

  private Optional<VmEvent> parse(String line) {
    try {
      return Optional.of(Json.mapper().readValue(line, VmEvent.class));
    } catch (IOException e) {
      // A line cut off by a crash: the others are still true.
      log.log(System.Logger.Level.DEBUG, "skipped a line of {0}", file);
      return Optional.empty();
    }
  }

  private void append(VmEvent event) throws IOException {
    if (Files.exists(file) && Files.size(file) > LARGEST) {
      Files.move(file, older(), StandardCopyOption.REPLACE_EXISTING);
    }
    Files.writeString(
        file,
        head()
            // What could not be written whole may have been written in part.
            + (writable ? "" : "\n")
            + Json.mapper().writeValueAsString(event)
            + "\n",
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
    written++;
    notifyAll();
  }

  /** Of a file that is begun now; it says where the older one ends. */
  private String head() throws IOException {
    if (Files.exists(file)) {
      return "";
    }
    try (JournalPart older = JournalPart.open(older())) {
      return JournalPart.head(older == null ? 0 : older.place().orElse(0) + older.size());
    }
  }

  private Path older() {
    return file.resolveSibling(file.getFileName() + ".1");
  }

  /** What makes two events the same. */
  private record Key(String reason, String vm, String message) {
    static Key of(VmEvent event) {
      return new Key(event.reason(), String.valueOf(event.vm()), event.message());
    }
  }
}
