package dev.vmctl.daemon;

import dev.vmctl.api.ConsoleAccess;
import dev.vmctl.api.LogChunk;
import dev.vmctl.api.LogKind;
import dev.vmctl.api.VmStatus;
import dev.vmctl.api.Vmctl;
import dev.vmctl.console.SerialConsole;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetSocket;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What a VM says, and is told, over WebSockets: {@code /v1/vms/NAME/console/ws}, {@code
 * /v1/vms/NAME/log/KIND/ws} and {@code /v1/vms/NAME/vnc/ws}.
 *
 * <p>A console's output is its log's, from the offset asked for: so there is history, no byte is
 * missed or told twice, and who comes back goes on where he was. What is typed goes through the
 * console that all share.
 */
final class Consoles {
  private static final Duration WAIT = Duration.ofSeconds(5);
  private static final int POLICY_VIOLATION = 1008;
  private static final int MOST_TYPED = 64 << 10;

  private static final String LOOP = "loop";

  private final Vmctl vmctl;
  private final NetClient client;

  Consoles(Vmctl vmctl, Vertx vertx) {
    this.vmctl = vmctl;
    this.client = vertx.createNetClient();
  }

  void serve(Router router) {
    router.get("/v1/vms/:name/console/ws").handler(context -> upgrade(context, this::console));
    router.get("/v1/vms/:name/log/:kind/ws").handler(context -> upgrade(context, this::log));
    router.get("/v1/vms/:name/vnc/ws").handler(context -> upgrade(context, this::screen));
  }

  /** Refuses what can be refused while HTTP still has words for it. */
  private void upgrade(RoutingContext context, BiConsumer<RoutingContext, VmName> then) {
    if (context.request().getHeader("Upgrade") == null) {
      Problems.send(
          context.response(),
          new VmException(ErrorCode.USAGE, "this is a WebSocket", "ask with Upgrade: websocket"));
      return;
    }
    context.request().pause();
    apart(
        context,
        () -> {
          VmName name = new VmName(context.pathParam("name"));
          vmctl.status(name);
          then.accept(context, name);
        });
  }

  private void console(RoutingContext context, VmName name) {
    long offset = offset(context);
    ConsoleAccess access = vmctl.console(name);
    accept(
        context,
        socket -> {
          type(name, access, socket);
          follow(name, LogKind.CONSOLE, offset, socket);
        });
  }

  private void log(RoutingContext context, VmName name) {
    LogKind kind = Parameters.logKind(context.pathParam("kind"));
    long offset = offset(context);
    accept(context, socket -> follow(name, kind, offset, socket));
  }

  private static long offset(RoutingContext context) {
    return Parameters.number("offset", context.request().getParam("offset"));
  }

  private interface Accepted {
    void accept(ServerWebSocket socket);
  }

  private void accept(RoutingContext context, Accepted then) {
    Context loop = context.get(LOOP);
    loop.runOnContext(
        now ->
            context
                .request()
                .toWebSocket()
                .onSuccess(
                    socket -> {
                      socket.resume();
                      then.accept(socket);
                    }));
  }

  /** Writes a log to the socket, as fast as that takes it. */
  private void follow(VmName name, LogKind kind, long offset, ServerWebSocket socket) {
    Thread.ofVirtual()
        .name("follow " + name)
        .start(
            () -> {
              try {
                long next = offset;
                while (!socket.isClosed()) {
                  LogChunk chunk = vmctl.log(name, kind, next, WAIT);
                  next = chunk.next();
                  if (chunk.data().length > 0) {
                    send(socket, chunk);
                  }
                }
              } catch (VmException over) {
                socket.close((short) POLICY_VIOLATION, reason(over));
              } catch (CompletionException gone) {
                socket.close();
              }
            });
  }

  /** A piece, and, as text, where the next one begins. */
  private static void send(ServerWebSocket socket, LogChunk chunk) {
    socket.writeBinaryMessage(Buffer.buffer(chunk.data()));
    socket
        .writeTextMessage("{\"next\":" + chunk.next() + "}")
        .toCompletionStage()
        .toCompletableFuture()
        .join();
  }

  /** Opened when somebody types: who only looks takes nobody's place. */
  private void type(VmName name, ConsoleAccess access, ServerWebSocket socket) {
    LinkedBlockingQueue<Buffer> typed = new LinkedBlockingQueue<>();
    socket.handler(
        bytes -> {
          if (bytes.length() > MOST_TYPED || typed.size() > 1_000) {
            socket.close((short) POLICY_VIOLATION, "typed too fast");
          } else {
            typed.add(bytes);
          }
        });
    Buffer end = Buffer.buffer();
    socket.closeHandler(closed -> typed.add(end));
    Thread.ofVirtual().name("type " + name).start(() -> type(access, socket, typed, end));
  }

  private static void type(
      ConsoleAccess access, ServerWebSocket socket, LinkedBlockingQueue<Buffer> typed, Buffer end) {
    ByteChannel console = null;
    try {
      for (Buffer next = typed.take(); next != end; next = typed.take()) {
        if (console == null) {
          console = SerialConsole.open(access);
          drain(console);
        }
        ByteBuffer bytes = ByteBuffer.wrap(next.getBytes());
        while (bytes.hasRemaining()) {
          console.write(bytes);
        }
      }
    } catch (IOException broken) {
      socket.close((short) POLICY_VIOLATION, "the console is not reachable");
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    } finally {
      close(console);
    }
  }

  /** What the guest says comes from the log; who does not read here would be let go. */
  private static void drain(ByteChannel console) {
    Thread.ofVirtual()
        .start(
            () -> {
              ByteBuffer bytes = ByteBuffer.allocate(8 << 10);
              try {
                while (console.read(bytes.clear()) >= 0) {
                  // Seen in the log.
                }
              } catch (IOException over) {
                // Whoever types next is told.
              }
            });
  }

  private static void close(@Nullable ByteChannel console) {
    try {
      if (console != null) {
        console.close();
      }
    } catch (IOException gone) {
      // It is gone either way.
    }
  }

  private void screen(RoutingContext context, VmName name) {
    VmStatus status = vmctl.status(name);
    String address = status.vnc();
    if (address == null || status.summary().pid() == null) {
      throw new VmException(
          ErrorCode.VM_INVALID_STATE,
          name + " has no screen: it is " + status.summary().state(),
          "start it, and give it graphics");
    }
    int colon = address.lastIndexOf(':');
    NetSocket screen =
        join(
            client
                .connect(
                    Integer.parseInt(address.substring(colon + 1)), address.substring(0, colon))
                .toCompletionStage()
                .toCompletableFuture(),
            name);
    screen.pause();
    accept(
        context,
        socket -> {
          screen.pipeTo(socket);
          socket.pipeTo(screen);
          screen.resume();
        });
  }

  private static NetSocket join(CompletableFuture<NetSocket> connecting, VmName name) {
    try {
      return connecting.join();
    } catch (CompletionException failed) {
      throw new VmException(
          ErrorCode.IO,
          "the screen of " + name + " is not reachable: " + failed.getCause(),
          "does it run? its status tells",
          failed);
    }
  }

  /** Questions to the engine may wait, which the thread of the connection must not. */
  private static void apart(RoutingContext context, Runnable question) {
    Context loop = Vertx.currentContext();
    context.put(LOOP, loop);
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                question.run();
              } catch (VmException refused) {
                loop.runOnContext(
                    now -> {
                      context.request().resume();
                      Problems.send(context.response(), refused);
                    });
              }
            });
  }

  /** At most 123 bytes fit. */
  private static String reason(VmException failure) {
    String text = failure.code().text() + ": " + failure.getMessage();
    return text.length() <= 100 ? text : text.substring(0, 100);
  }
}
