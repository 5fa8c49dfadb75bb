package dev.vmctl.store;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.vmctl.host.AtomicFiles;
import dev.vmctl.json.Json;
import dev.vmctl.model.VmEvent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The events, one JSON object a line, newest last. The same event again within the recent past is
 * counted instead of repeated: a line with a higher count takes the place of the earlier ones when
 * read. Bounded: two files of at most {@value #LARGEST} bytes, the older of which goes.
 */
public final class EventJournal {
  private static final long LARGEST = 4L << 20;

  /** How many different events are remembered for counting. */
  private static final int RECENT = 1024;

  /** How long after its last occurrence the same event is counted instead of told again. */
  private static final Duration TOGETHER = Duration.ofMinutes(10);

  private static final System.Logger log = System.getLogger(EventJournal.class.getName());

  private final Path file;
  private volatile boolean writable = true;
  private final ObjectMapper json = Json.mapper();
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

  /** All events there are, oldest first, repeated ones once. */
  public List<VmEvent> read() {
    Map<Key, VmEvent> latest = new HashMap<>();
    Set<VmEvent> events = new LinkedHashSet<>();
    for (Path part : List.of(older(), file)) {
      try (Stream<String> lines = Files.lines(part, StandardCharsets.UTF_8)) {
        for (String line : (Iterable<String>) lines::iterator) {
          parse(line)
              .ifPresent(
                  event -> {
                    VmEvent counted = latest.put(Key.of(event), event);
                    if (counted != null && event.count() > 1) {
                      events.remove(counted);
                    }
                    events.add(event);
                  });
        }
      } catch (NoSuchFileException e) {
        // Nothing happened yet, or not enough for a second file.
      } catch (IOException e) {
        throw AtomicFiles.failure("read", part, e);
      }
    }
    return List.copyOf(events);
  }

  private Optional<VmEvent> parse(String line) {
    try {
      return Optional.of(json.readValue(line, VmEvent.class));
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
        // What could not be written whole may have been written in part.
        (writable ? "" : "\n") + json.writeValueAsString(event) + "\n",
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
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
