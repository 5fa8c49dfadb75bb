package dev.vmctl.api.http;

import dev.vmctl.api.Changes;
import dev.vmctl.api.VmStatus;
import dev.vmctl.api.Watch;
import dev.vmctl.json.Json;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.io.BufferedReader;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The daemon's watch. A thread of its own reads it, and no further than somebody asks. When the
 * daemon ends, one that has taken its place goes on where it was, or tells all anew.
 */
final class EventStream implements Watch {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int MOST_AHEAD = 256;

  private final Function<@Nullable Long, DaemonHttp.Opened> opener;
  private final Function<IOException, VmException> broken;
  private long version;
  private boolean resumed;
  private Connection connection;

  /** One event; {@code failure} stands for the stream's end. */
  private record Event(
      String type, String data, @Nullable Long id, @Nullable IOException failure) {}

  /**
   * @param opener asks for what comes after a version, or, with null, for all; fails with {@code
   *     watch.expired} when the version is too old
   * @param broken what to say of a stream that breaks
   */
  EventStream(
      Function<@Nullable Long, DaemonHttp.Opened> opener,
      Function<IOException, VmException> broken) {
    this.opener = opener;
    this.broken = broken;
    this.connection = new Connection(opener.apply(null));
  }

  @Override
  public Changes next(Duration wait) {
    Map<String, VmStatus> vms = new LinkedHashMap<>();
    TreeSet<String> gone = new TreeSet<>();
    boolean whole = version == 0;
    boolean synced = !whole && !resumed;
    long left = wait.toNanos();
    long end = System.nanoTime() + left;
    while (true) {
      Event event = connection.poll(synced ? left : PATIENCE.toNanos());
      if (event == null && !synced) {
        throw broken.apply(new IOException("it told nothing for " + PATIENCE.toSeconds() + " s"));
      }
      if (event == null) {
        return new Changes(version, vms.values().stream().toList(), gone.stream().toList(), whole);
      }
      if (event.failure != null) {
        whole |= reconnect(event.failure);
        synced = false;
      } else {
        synced |= take(event, vms, gone);
      }
      // What has come already belongs to it, too.
      left = synced && (!vms.isEmpty() || !gone.isEmpty() || whole) ? 0 : end - System.nanoTime();
    }
  }

  /** Whether all that there was has now been told. */
  private boolean take(Event event, Map<String, VmStatus> vms, Set<String> gone) {
    try {
      if (event.id != null) {
        version = event.id;
      }
      switch (event.type) {
        case HttpApi.EVENT_VM -> {
          VmStatus vm = Json.mapper().readValue(event.data, VmStatus.class);
          vms.put(vm.summary().name(), vm);
          gone.remove(vm.summary().name());
        }
        case HttpApi.EVENT_GONE -> {
          String name = Json.mapper().readValue(event.data, HttpApi.Gone.class).name().value();
          vms.remove(name);
          gone.add(name);
        }
        case HttpApi.EVENT_SYNCED -> {
          resumed = false;
          return true;
        }
        default -> {
          // A newer daemon says more.
        }
      }
      return false;
    } catch (IOException unreadable) {
      throw broken.apply(unreadable);
    }
  }

  /** Whether all is told anew. */
  private boolean reconnect(IOException failure) {
    connection.close();
    if (resumed || version == 0) {
      throw broken.apply(failure); // Not even the second has told all.
    }
    resumed = true;
    try {
      connection = new Connection(opener.apply(version));
      return false;
    } catch (VmException refused) {
      if (refused.code() != ErrorCode.WATCH_EXPIRED) {
        throw refused;
      }
      connection = new Connection(opener.apply(null));
      return true;
    }
  }

  @Override
  public void close() {
    connection.close();
  }

  private static final class Connection {
    private final BlockingQueue<Event> events = new ArrayBlockingQueue<>(MOST_AHEAD);
    private final Closeable socket;
    private final Thread thread;

    Connection(DaemonHttp.Opened opened) {
      socket = opened.connection();
      thread = Thread.ofPlatform().daemon().name("watch").start(() -> read(opened));
    }

    @Nullable Event poll(long nanos) {
      try {
        return events.poll(Math.max(nanos, 0), TimeUnit.NANOSECONDS);
      } catch (InterruptedException stop) {
        throw VmException.interrupted("the daemon", stop);
      }
    }

    private void read(DaemonHttp.Opened opened) {
      try (BufferedReader lines =
          new BufferedReader(new InputStreamReader(opened.body(), StandardCharsets.UTF_8))) {
        IOException end = new EOFException("the daemon has ended the watch");
        try {
          while (true) {
            Event event = event(lines);
            if (event == null) {
              break;
            }
            events.put(event);
          }
        } catch (IOException failure) {
          end = failure;
        }
        events.put(new Event("", "", null, end));
      } catch (InterruptedException | IOException closed) {
        // Nobody listens any more.
      }
    }

    /** The next one with data; null at the end. */
    private static @Nullable Event event(BufferedReader lines) throws IOException {
      String type = "";
      StringBuilder data = new StringBuilder();
      Long id = null;
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith("id: ")) {
          id = number(line.substring(4));
        } else if (line.startsWith("event: ")) {
          type = line.substring(7);
        } else if (line.startsWith("data: ")) {
          data.append(line, 6, line.length());
        } else if (line.isEmpty() && !data.isEmpty()) {
          return new Event(type, data.toString(), id, null);
        }
      }
      return null;
    }

    private static Long number(String text) throws IOException {
      try {
        return Long.valueOf(text);
      } catch (NumberFormatException e) {
        throw new IOException("an id that is no number: " + text, e);
      }
    }

    void close() {
      try {
        socket.close();
      } catch (IOException unclosable) {
        throw new UncheckedIOException(unclosable);
      }
      thread.interrupt();
    }
  }
}
