package dev.vmctl.hypervisor.qmp;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.vmctl.host.Log;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** The socket, the two threads that own it, and the commands that wait for their replies. */
final class QmpConnection implements AutoCloseable {
  private static final System.Logger LOG = Log.of(QmpConnection.class);

  /** A peer that stopped reading must not make us collect commands without end. */
  private static final int MAXIMUM_UNSENT = 1000;

  private final Path socket;
  private final SocketChannel channel;
  private final QmpThreads threads;
  private final CompletableFuture<JsonNode> greeting = new CompletableFuture<>();
  private final BlockingQueue<QmpCall> unsent = new LinkedBlockingQueue<>(MAXIMUM_UNSENT);
  private final Map<Long, QmpCall> pending = new ConcurrentHashMap<>();
  private final BlockingQueue<QmpNotice> notices = new LinkedBlockingQueue<>();
  private final AtomicReference<@Nullable VmException> failure = new AtomicReference<>();
  private long lastId;

  private QmpConnection(Path socket, SocketChannel channel, QmpThreads threads) {
    this.socket = socket;
    this.channel = channel;
    this.threads = threads;
  }

  /** Starts to connect, in the background: on a full backlog connecting itself may block. */
  static QmpConnection open(Path socket, QmpThreads threads) {
    if (!Files.exists(socket)) { // As of most VMs that are stopped.
      throw QmpClient.lost(socket, new IOException("No such file or directory"));
    }
    QmpConnection connection;
    try {
      SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
      connection = new QmpConnection(socket, channel, threads);
    } catch (IOException e) {
      throw QmpClient.lost(socket, e);
    }
    threads.io().newThread(connection::read).start();
    return connection;
  }

  Path socket() {
    return socket;
  }

  CompletableFuture<JsonNode> greeting() {
    return greeting;
  }

  boolean isOpen() {
    return failure.get() == null;
  }

  /** Starts to deliver events, first those that came already. */
  void deliverTo(QmpListener listener) {
    threads.delivery().newThread(() -> deliver(listener)).start();
  }

  CompletableFuture<JsonNode> send(String command, Map<String, ?> arguments, Duration deadline) {
    CompletableFuture<JsonNode> reply = new CompletableFuture<>();
    if (!enqueue(command, arguments, reply)) {
      reply.completeExceptionally(
          timeout(command, "QEMU does not read its commands", new TimeoutException()));
    }
    return reply
        .orTimeout(Math.max(deadline.toNanos(), 1), TimeUnit.NANOSECONDS)
        .exceptionallyCompose(
            e ->
                CompletableFuture.failedFuture(
                    e instanceof TimeoutException late
                        ? timeout(command, "no reply within " + deadline.toMillis() + " ms", late)
                        : e));
  }

  /** Numbers and queues under one lock, so that replies can be told apart by either. */
  private synchronized boolean enqueue(
      String command, Map<String, ?> arguments, CompletableFuture<JsonNode> reply) {
    long id = ++lastId;
    QmpCall call = new QmpCall(command, QmpJson.line(command, arguments, id), reply);
    pending.put(id, call);
    var _ = reply.whenComplete((result, e) -> pending.remove(id));
    VmException lost = failure.get();
    if (lost != null) {
      reply.completeExceptionally(lost);
      return true;
    }
    return unsent.offer(call);
  }

  private VmException timeout(String command, String reason, TimeoutException e) {
    return new VmException(
        ErrorCode.QMP_TIMEOUT,
        "QMP command " + command + " at " + socket + ": " + reason,
        "QEMU may be overloaded or hang; nothing is known of the VM until it answers",
        e);
  }

  private void read() {
    try {
      channel.connect(UnixDomainSocketAddress.of(socket));
      threads.io().newThread(this::write).start();
      QmpMessages messages = new QmpMessages(new ChannelInput(channel));
      for (ObjectNode message = messages.next(); message != null; message = messages.next()) {
        receive(message);
      }
      fail(QmpClient.lost(socket, new IOException("QEMU hung up")));
    } catch (IOException e) {
      fail(QmpClient.lost(socket, e));
    } catch (RuntimeException e) {
      fail(QmpClient.lost(socket, new IOException("cannot read it: " + e.getMessage(), e)));
    }
  }

  private void receive(ObjectNode message) throws IOException {
    if (message.has("event")) {
      notices.add(new QmpNotice.Event(event(message)));
    } else if (message.has("return") || message.has("error")) {
      reply(message);
    } else if (message.has("QMP")) {
      greeting.complete(message.get("QMP"));
    } else {
      throw new IOException("a message that is neither greeting, event nor reply");
    }
  }

  private void reply(ObjectNode message) throws IOException {
    JsonNode id = message.path("id");
    if (!id.isIntegralNumber()) {
      // QEMU could not even read our command: from here on replies cannot be told apart.
      throw new IOException(
          "a reply to no command: " + message.path("error").path("desc").asText("without id"));
    }
    QmpCall call = pending.remove(id.longValue());
    if (call == null) {
      LOG.log(System.Logger.Level.DEBUG, "late QMP reply dropped id={0}", id);
      return;
    }
    JsonNode error = message.get("error");
    if (error == null) {
      call.reply().complete(message.path("return"));
    } else {
      call.reply().completeExceptionally(refused(call.command(), error));
    }
  }

  private static VmException refused(String command, JsonNode error) {
    String text = error.path("desc").asText(error.toString());
    String kind = error.path("class").asText("GenericError");
    return new VmException(
        ErrorCode.QMP_COMMAND_FAILED,
        "QMP command " + command + " failed: " + text,
        kind.equals("CommandNotFound") ? "this QEMU is too old or built without it" : "");
  }

  private static QmpEvent event(ObjectNode message) {
    JsonNode time = message.path("timestamp");
    Instant at =
        Instant.ofEpochSecond(
            time.path("seconds").asLong(),
            TimeUnit.MICROSECONDS.toNanos(Math.max(time.path("microseconds").asLong(), 0)));
    return new QmpEvent(message.get("event").asText(), message.path("data"), at);
  }

  private void write() {
    try {
      while (isOpen()) {
        QmpCall call = unsent.take();
        // One that timed out must not be executed minutes later.
        if (!call.reply().isDone()) {
          ByteBuffer left = ByteBuffer.wrap(call.message());
          while (left.hasRemaining()) {
            channel.write(left);
          }
        }
      }
    } catch (IOException e) {
      fail(QmpClient.lost(socket, e));
    } catch (InterruptedException e) {
      fail(QmpClient.lost(socket, new IOException("its writer was interrupted", e)));
    }
  }

  @Override
  public void close() {
    fail(QmpClient.lost(socket, new IOException("we closed it")));
  }

  private void fail(VmException cause) {
    synchronized (this) {
      if (!failure.compareAndSet(null, cause)) {
        return;
      }
    }
    try {
      channel.close();
    } catch (IOException e) {
      cause.addSuppressed(e);
    }
    greeting.completeExceptionally(cause);
    pending.values().forEach(call -> call.reply().completeExceptionally(cause));
    // Wakes the writer, which then sees that it is over.
    unsent.clear();
    unsent.add(QmpCall.wakeUp());
    notices.add(new QmpNotice.Closed(cause));
  }

  private void deliver(QmpListener listener) {
    try {
      boolean open = true;
      while (open) {
        open = deliver(listener, notices.take());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean deliver(QmpListener listener, QmpNotice notice) {
    try {
      switch (notice) {
        case QmpNotice.Event event -> listener.event(event.event());
        case QmpNotice.Closed closed -> listener.closed(closed.cause());
      }
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.ERROR, "a QMP listener failed; delivery goes on", e);
    }
    return notice instanceof QmpNotice.Event;
  }

  /** The bytes of a channel; a read returns what there is. */
  private static final class ChannelInput extends InputStream {
    private final SocketChannel channel;

    ChannelInput(SocketChannel channel) {
      this.channel = channel;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      return channel.read(ByteBuffer.wrap(bytes, offset, length));
    }
  }
}
