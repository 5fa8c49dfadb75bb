package dev.vmctl.agent;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One conversation with a guest's QEMU guest agent. The channel serves one client at a time, and
 * says nothing when no agent listens: so a conversation is short and has a deadline.
 *
 * <p>It begins with {@code guest-sync-delimited}: a byte that is in no JSON throws away what an
 * earlier client left unfinished in the agent, and another one marks where its answer to us begins.
 * What a guest says is not trusted: answers are bounded, and read as data only.
 */
public final class AgentClient implements AutoCloseable {
  private static final byte SENTINEL = (byte) 0xff;

  /** Who sends more, where the output of a program is not asked for, is no agent. */
  private static final int LONGEST_ANSWER = 1 << 20;

  /** An agent keeps 16 MiB each of output and errors; both come as base64. */
  private static final int LONGEST_OUTPUT = 48 << 20;

  private static final ObjectMapper JSON =
      new ObjectMapper(
          JsonFactory.builder()
              .streamReadConstraints(
                  StreamReadConstraints.builder().maxStringLength(LONGEST_OUTPUT).build())
              .build());

  private final SocketChannel channel;
  private final Selector selector;
  private final long end;
  private final ByteBuffer received = ByteBuffer.allocate(8192).flip();

  private AgentClient(SocketChannel channel, Selector selector, Duration limit) {
    this.channel = channel;
    this.selector = selector;
    this.end = System.nanoTime() + limit.toNanos();
  }

  /**
   * Begins a conversation.
   *
   * @param limit how long all of it may take
   * @throws VmException agent.failed when no agent answers
   */
  public static AgentClient open(Path socket, Duration limit) throws InterruptedException {
    AgentClient client;
    try {
      SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
      try {
        channel.connect(UnixDomainSocketAddress.of(socket));
        channel.configureBlocking(false);
        Selector selector = Selector.open();
        channel.register(selector, SelectionKey.OP_READ);
        client = new AgentClient(channel, selector, limit);
      } catch (IOException e) {
        channel.close();
        throw e;
      }
    } catch (IOException e) {
      throw failed("its channel " + socket + " cannot be opened: " + e.getMessage(), e);
    }
    try {
      client.synchronise();
      return client;
    } catch (RuntimeException | InterruptedException e) {
      client.close();
      throw e;
    }
  }

  private void synchronise() throws InterruptedException {
    int id = ThreadLocalRandom.current().nextInt(1, Integer.MAX_VALUE);
    send(new byte[] {SENTINEL});
    send("guest-sync-delimited", Map.of("id", id));
    JsonNode answer;
    do {
      // Answers to whoever was here before us end before the sentinel of ours, or are not ours.
      skipToSentinel();
      answer = answer(LONGEST_ANSWER);
    } while (answer.path("return").asInt() != id);
  }

  /**
   * Asks the agent.
   *
   * @return what it returns
   * @throws VmException agent.refused when it will not; agent.failed when it does not answer in
   *     time
   */
  public JsonNode execute(String command) throws InterruptedException {
    send(command, Map.of());
    return returned(command, answer(LONGEST_ANSWER));
  }

  /**
   * As {@link #execute(String)}, of a command that may answer with as much as an agent keeps of a
   * program's output: 16 MiB, and as much of errors.
   *
   * @param arguments by their names, as Jackson writes them
   */
  public JsonNode execute(String command, Map<String, ?> arguments) throws InterruptedException {
    send(command, arguments);
    return returned(command, answer(LONGEST_OUTPUT));
  }

  private static JsonNode returned(String command, JsonNode answer) {
    if (answer.has("error")) {
      throw refused(command, answer);
    }
    return answer.path("return");
  }

  /** Asks the agent for what an old one does not know: a missing node then. */
  public JsonNode known(String command) throws InterruptedException {
    send(command, Map.of());
    return answer(LONGEST_ANSWER).path("return");
  }

  private void send(String command, Map<String, ?> arguments) throws InterruptedException {
    try {
      Map<String, ?> request =
          arguments.isEmpty()
              ? Map.of("execute", command)
              : Map.of("execute", command, "arguments", arguments);
      send((JSON.writeValueAsString(request) + "\n").getBytes(StandardCharsets.UTF_8));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(command, e);
    }
  }

  private void send(byte[] bytes) throws InterruptedException {
    ByteBuffer left = ByteBuffer.wrap(bytes);
    try {
      while (channel.write(left) >= 0 && left.hasRemaining()) {
        await(SelectionKey.OP_WRITE);
      }
    } catch (IOException e) {
      throw failed("its channel broke: " + e.getMessage(), e);
    }
  }

  private void skipToSentinel() throws InterruptedException {
    while (read() != SENTINEL) {}
  }

  private JsonNode answer(int longest) throws InterruptedException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    byte next;
    while ((next = read()) != '\n') {
      line.write(next);
      if (line.size() > longest) {
        throw failed("it answers without end", null);
      }
    }
    try {
      JsonNode answer = JSON.readTree(line.toByteArray());
      if (!answer.has("return") && !answer.has("error")) {
        throw failed("what it answers is no answer", null);
      }
      return answer;
    } catch (IOException e) {
      throw failed("what it answers is no JSON", e);
    }
  }

  private byte read() throws InterruptedException {
    try {
      while (!received.hasRemaining()) {
        received.clear();
        int length = channel.read(received);
        received.flip();
        if (length < 0) {
          throw failed("its channel was closed", null);
        }
        if (length == 0) {
          await(SelectionKey.OP_READ);
        }
      }
      return received.get();
    } catch (IOException e) {
      throw failed("its channel broke: " + e.getMessage(), e);
    }
  }

  private void await(int what) throws IOException, InterruptedException {
    channel.keyFor(selector).interestOps(what);
    long left = end - System.nanoTime();
    if (left > 0) {
      selector.select(Math.max(1, TimeUnit.NANOSECONDS.toMillis(left)));
      selector.selectedKeys().clear();
    }
    if (Thread.interrupted()) {
      throw new InterruptedException("while asking a guest agent");
    }
    if (left <= 0) {
      throw failed("nobody answers", null);
    }
  }

  private static VmException refused(String command, JsonNode answer) {
    String why = answer.path("error").path("desc").asText();
    return new VmException(
        ErrorCode.AGENT_REFUSED,
        "the guest agent refuses " + command + ": " + why,
        why.contains("Failed to execute child process")
            ? "the guest has no such program on the agent's path; what a shell knows: sh -c '…'"
            : "it may be too old, or set up to refuse that; see /etc/qemu/qemu-ga.conf in the guest");
  }

  private static VmException failed(String why, @Nullable Exception cause) {
    return new VmException(
        ErrorCode.AGENT_FAILED,
        "no word from the guest agent: " + why,
        "install qemu-guest-agent in the guest, and have it started at boot",
        cause);
  }

  @Override
  public void close() {
    try (channel) {
      selector.close();
    } catch (IOException e) {
      // All that was asked has been answered or given up.
      System.getLogger(AgentClient.class.getName())
          .log(System.Logger.Level.DEBUG, "closing a channel failed", e);
    }
  }
}
