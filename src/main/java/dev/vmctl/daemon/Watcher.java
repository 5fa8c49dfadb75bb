package dev.vmctl.daemon;

import dev.vmctl.api.http.HttpApi;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One client of the watch: a place in the {@link Journal}. It reads on only while its connection
 * takes more, so what waits for a slow client is a few kilobytes. All but {@link #wake}, {@link
 * #beat} and {@link #end} happens in the thread of its connection.
 */
final class Watcher {
  /** What may wait to be sent; a message is a few kilobytes. */
  private static final int MOST_WAITING_BYTES = 8 << 10;

  private static final Buffer BEAT = Buffer.buffer(":\n\n");

  private final Journal journal;
  private final HttpServerResponse response;
  private final Context context;
  private final Set<String> names;
  private final @Nullable Long since;
  private boolean begun;
  private boolean synced;
  private long begunVersion;
  private long begunAt;
  private long sequence;

  /**
   * @param names which VMs; empty for all
   * @param since the version after which it wants all; null for all there is
   */
  Watcher(
      Journal journal,
      RoutingContext request,
      Context context,
      Set<String> names,
      @Nullable Long since) {
    this.journal = journal;
    this.response = request.response();
    this.context = context;
    this.names = names;
    this.since = since;
  }

  void onEnd(Runnable action) {
    response.endHandler(ended -> action.run());
    response.closeHandler(closed -> action.run());
    response.exceptionHandler(failure -> action.run()); // Its close follows.
  }

  /** There may be news. */
  void wake() {
    context.runOnContext(now -> advance());
  }

  /** So that one whose client is gone comes to its end. */
  void beat() {
    context.runOnContext(
        now -> {
          if (begun && !over() && !response.writeQueueFull()) {
            response.write(BEAT);
          }
        });
  }

  void end() {
    context.runOnContext(
        now -> {
          if (!over()) {
            response.end();
          }
        });
  }

  private boolean over() {
    return response.ended() || response.closed();
  }

  private void advance() {
    if (over() || (!begun && !begin())) {
      return;
    }
    if (sequence < journal.forgotten() && journal.forgotten() > begunAt) {
      response.end(); // What it missed is not known any more: coming back, it is told to list.
      return;
    }
    while (!response.writeQueueFull()) {
      Journal.Message message = journal.next(sequence, names);
      if (message == null || (!synced && message.sequence() > begunAt)) {
        if (synced) {
          return;
        }
        sync();
      } else {
        send(message);
      }
    }
    response.drainHandler(drained -> advance());
  }

  private boolean begin() {
    if (since != null && !journal.knows(since)) {
      Problems.send(
          response,
          new VmException(
              ErrorCode.WATCH_EXPIRED,
              "what happened after version " + since + " is not known any more",
              "relist: watch again without a version, which tells of all VMs there are"));
      return false;
    }
    begun = true;
    begunVersion = journal.version(); // First: rather told twice than never.
    begunAt = journal.sequence();
    sequence = since == null ? 0 : journal.resume(since);
    response.setChunked(true);
    response.setWriteQueueMaxSize(MOST_WAITING_BYTES);
    response
        .putHeader("Content-Type", "text/event-stream")
        .putHeader("Cache-Control", "no-store")
        .putHeader("X-Accel-Buffering", "no");
    return true;
  }

  private void send(Journal.Message message) {
    sequence = message.sequence();
    if (message.isGone() && !synced && since == null) {
      return; // It was never told that there was one.
    }
    // With names, what is last of a version may be about another VM: their id comes with the next.
    response.write(
        message.isLast()
            ? Buffer.buffer("id: " + message.version() + "\n").appendBuffer(message.bytes())
            : message.bytes());
  }

  private void sync() {
    synced = true;
    sequence = Math.max(sequence, begunAt);
    response.write(
        "id: "
            + begunVersion
            + "\nevent: "
            + HttpApi.EVENT_SYNCED
            + "\ndata: {\"version\":"
            + begunVersion
            + "}\n\n");
  }
}
