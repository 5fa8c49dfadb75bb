package dev.vmctl.daemon;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.vmctl.api.Changes;
import dev.vmctl.api.Vmctl;
import dev.vmctl.api.http.HttpApi;
import dev.vmctl.json.Json;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import io.vertx.core.Vertx;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * {@code GET /v1/watch}: the VMs and all that becomes of them, as server-sent events. One thread
 * asks the engine and fills the {@link Journal}; each {@link Watcher} reads on in it as fast as its
 * client does. So neither the number nor the slowness of clients is felt by the engine.
 */
final class Watchers implements AutoCloseable {
  private static final int MOST = 5_000;

  private static final Logger LOG = Logger.getLogger(Watchers.class);
  static final Duration LOOK = Duration.ofSeconds(5);
  private static final Duration PAUSE = Duration.ofSeconds(1);

  /** By a write that fails it is noticed that a client has vanished without a word. */
  private static final Duration HEARTBEAT = Duration.ofSeconds(15);

  private final Vmctl vmctl;
  private final Vertx vertx;
  private final int most;
  private final Journal journal;
  private final Set<Watcher> watchers = ConcurrentHashMap.newKeySet();
  private final CompletableFuture<Void> filled = new CompletableFuture<>();
  private @Nullable Thread reader;
  private volatile boolean closed;

  Watchers(Vmctl vmctl, Vertx vertx) {
    this(vmctl, vertx, MOST);
  }

  /**
   * @param most watchers at a time
   */
  Watchers(Vmctl vmctl, Vertx vertx, int most) {
    this.vmctl = vmctl;
    this.vertx = vertx;
    this.most = most;
    ObjectMapper mapper = Json.mapper();
    this.journal = new Journal(value -> encoded(mapper, value));
  }

  void serve(Router router) {
    router.get(HttpApi.WATCH).handler(this::watch);
    vertx.setPeriodic(HEARTBEAT.toMillis(), timer -> watchers.forEach(Watcher::beat));
  }

  int size() {
    return watchers.size();
  }

  private void watch(RoutingContext context) {
    try {
      if (closed || watchers.size() >= most) {
        throw new VmException(
            ErrorCode.LIMIT_REACHED,
            "there are " + watchers.size() + " watchers already",
            "close some, or ask /v1/changes");
      }
      Set<VmName> names = Parameters.names(parameter(context, "names"));
      String resumed = context.request().getHeader("Last-Event-ID");
      String since = resumed == null ? parameter(context, "version") : resumed;
      Watcher watcher =
          new Watcher(
              journal,
              context,
              vertx.getOrCreateContext(),
              names.stream().map(VmName::value).collect(Collectors.toUnmodifiableSet()),
              since == null ? null : (Long) Parameters.number("version", since));
      watchers.add(watcher);
      watcher.onEnd(() -> watchers.remove(watcher));
      start();
      var _ = filled.thenRun(watcher::wake);
    } catch (VmException refused) {
      Problems.send(context.response(), refused);
    }
  }

  private static @Nullable String parameter(RoutingContext context, String name) {
    return context.request().getParam(name);
  }

  private synchronized void start() {
    if (reader == null) {
      reader = Thread.ofVirtual().name("watch").start(this::read);
    }
  }

  private void read() {
    long version = 0;
    boolean failing = false;
    while (!closed) {
      try {
        Changes changes = vmctl.changes(Set.of(), version, LOOK);
        failing = false;
        boolean isNews = changes.whole() || version == 0 || changes.version() != version;
        version = changes.version();
        if (isNews) {
          journal.add(changes);
          filled.complete(null);
          watchers.forEach(Watcher::wake);
        }
      } catch (RuntimeException failure) {
        if (closed) {
          return;
        }
        if (!failing) {
          LOG.errorf(failure, "the watchers are told nothing for now");
        }
        failing = true;
        pause();
      }
    }
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static byte[] encoded(ObjectMapper mapper, Object value) {
    try {
      return mapper.writeValueAsBytes(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("our own records can be written", e);
    }
  }

  /** Ends all streams; their clients come back to whoever serves next. */
  @Override
  public synchronized void close() {
    closed = true;
    if (reader != null) {
      reader.interrupt();
    }
    watchers.forEach(Watcher::end);
  }
}
