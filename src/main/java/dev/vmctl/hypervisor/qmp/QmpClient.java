package dev.vmctl.hypervisor.qmp;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * One kept-open QMP connection, ready for commands. Safe for use by many threads.
 *
 * <p>Once the connection is lost every call fails with the first cause; there is no reconnecting.
 */
public final class QmpClient implements AutoCloseable {
  private final QmpConnection connection;
  private final QmpVersion version;

  private QmpClient(QmpConnection connection, QmpVersion version) {
    this.connection = connection;
    this.version = version;
  }

  /**
   * Connects and negotiates; events that come in between are kept for the listener.
   *
   * @param deadline for all of it together
   * @param listener told of events, and once of the end, but only if this call succeeds
   * @throws VmException QMP_CONNECT_FAILED when nobody listens there or the peer hangs up or speaks
   *     no QMP; QMP_TIMEOUT when it accepts and then stays silent
   */
  public static QmpClient connect(Path socket, Duration deadline, QmpListener listener)
      throws InterruptedException {
    QmpConnection connection = QmpConnection.open(socket, QmpThreads.standard());
    return negotiate(connection, deadline, listener);
  }

  static QmpClient negotiate(QmpConnection connection, Duration deadline, QmpListener listener)
      throws InterruptedException {
    long end = System.nanoTime() + deadline.toNanos();
    boolean ready = false;
    try {
      JsonNode greeting = greeting(connection, deadline);
      Duration left = Duration.ofNanos(Math.max(end - System.nanoTime(), 1));
      result(connection.send("qmp_capabilities", Map.of(), left));
      QmpClient client = new QmpClient(connection, QmpVersion.of(greeting));
      connection.deliverTo(listener);
      ready = true;
      return client;
    } finally {
      if (!ready) {
        connection.close();
      }
    }
  }

  private static JsonNode greeting(QmpConnection connection, Duration deadline)
      throws InterruptedException {
    try {
      return connection.greeting().get(deadline.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw new VmException(
          ErrorCode.QMP_TIMEOUT,
          connection.socket() + " gave no QMP greeting within " + deadline.toMillis() + " ms",
          "QEMU is overloaded or hangs, or another client has this socket (it serves one at a"
              + " time)",
          e);
    } catch (ExecutionException e) {
      throw cause(e);
    }
  }

  /** The version of the QEMU at the other end. */
  public QmpVersion version() {
    return version;
  }

  /**
   * Sends a command; commands are executed in the order of these calls.
   *
   * <p>The future fails with a {@link VmException}: QMP_COMMAND_FAILED with QEMU's own words,
   * QMP_TIMEOUT after the deadline (a command not yet sent is not sent any more, a reply that comes
   * later is dropped), QMP_CONNECT_FAILED when the connection is lost. What depends on it runs on
   * the reading thread and must not block.
   *
   * @param arguments by name; numbers, strings, booleans, lists, maps and JSON nodes
   */
  public CompletableFuture<JsonNode> send(
      String command, Map<String, ?> arguments, Duration deadline) {
    return connection.send(command, arguments, deadline);
  }

  /** As {@link #send}, and waits for the answer. */
  public JsonNode execute(String command, Map<String, ?> arguments, Duration deadline)
      throws InterruptedException {
    return result(send(command, arguments, deadline));
  }

  /** As {@link #execute(String, Map, Duration)} for a command without arguments. */
  public JsonNode execute(String command, Duration deadline) throws InterruptedException {
    return execute(command, Map.of(), deadline);
  }

  public boolean isOpen() {
    return connection.isOpen();
  }

  /** Closes the connection; QEMU goes on. What is pending fails. */
  @Override
  public void close() {
    connection.close();
  }

  private static JsonNode result(CompletableFuture<JsonNode> reply) throws InterruptedException {
    try {
      return reply.get();
    } catch (ExecutionException e) {
      throw cause(e);
    }
  }

  private static VmException cause(ExecutionException e) {
    if (e.getCause() instanceof VmException failure) {
      // Its stack is that of the reading thread: the caller's would be missing from it.
      return new VmException(failure.code(), failure.getMessage(), failure.help(), failure);
    }
    throw new IllegalStateException(e);
  }

  /** What to tell a user of the end of a connection. */
  static VmException lost(Path socket, IOException e) {
    String reason =
        switch (e) {
          case ClosedChannelException closed -> "it was closed";
          case JsonProcessingException bad ->
              "it broke off or is no JSON: " + bad.getOriginalMessage();
          default -> e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        };
    return new VmException(
        ErrorCode.QMP_CONNECT_FAILED,
        "no QMP connection at " + socket + ": " + reason,
        "QEMU may have ended; see the VM's log",
        e);
  }
}
