package dev.vmctl.hypervisor.qemu;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.vmctl.model.MacAddress;
import dev.vmctl.network.NumericAddress;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * One talk with QEMU's guest agent, over its serial port; see the QEMU Guest Agent Protocol
 * Reference. What a guest says is not trusted: answers are bounded, and read as data only.
 */
final class GuestAgent {
  private static final System.Logger LOG = System.getLogger(GuestAgent.class.getName());
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Before a message it makes the other side forget what it has read of the last one. */
  private static final byte DELIMITER = (byte) 0xff;

  private static final int LONGEST_ANSWER = 1 << 18;

  private final SocketChannel channel;
  private final Selector selector;
  private final long end;
  private final ByteBuffer buffer = ByteBuffer.allocate(4096).flip();

  private GuestAgent(SocketChannel channel, Selector selector, Duration patience) {
    this.channel = channel;
    this.selector = selector;
    this.end = System.nanoTime() + patience.toNanos();
  }

  /**
   * The address of each card that the guest names; an IPv4 one where it has both. Empty when there
   * is no agent that answers in time.
   */
  static Map<MacAddress, InetAddress> addresses(Path socket, Duration patience) {
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
        Selector selector = Selector.open()) {
      channel.configureBlocking(false);
      channel.register(selector, SelectionKey.OP_READ);
      GuestAgent agent = new GuestAgent(channel, selector, patience);
      agent.synchronise();
      return addresses(agent.execute("guest-network-get-interfaces"));
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "no guest agent at {0}: {1}", socket, e.getMessage());
      return Map.of();
    }
  }

  static Map<MacAddress, InetAddress> addresses(JsonNode interfaces) {
    Map<MacAddress, InetAddress> found = new LinkedHashMap<>();
    for (JsonNode each : interfaces) {
      MacAddress.parse(each.path("hardware-address").asText())
          .ifPresent(
              mac -> {
                for (String family : new String[] {"ipv4", "ipv6"}) {
                  for (JsonNode address : each.path("ip-addresses")) {
                    if (address.path("ip-address-type").asText().equals(family)) {
                      NumericAddress.parse(address.path("ip-address").asText())
                          .ifPresent(numeric -> found.putIfAbsent(mac, numeric));
                    }
                  }
                }
              });
    }
    return found;
  }

  private void synchronise() throws IOException {
    int id = ThreadLocalRandom.current().nextInt(Integer.MAX_VALUE);
    channel.write(ByteBuffer.wrap(new byte[] {DELIMITER}));
    send("{\"execute\":\"guest-sync-delimited\",\"arguments\":{\"id\":" + id + "}}\n");
    while (next() != DELIMITER) {
      // The rest of an answer to somebody before us.
    }
    if (answer().asInt(-1) != id) {
      throw new IOException("the agent answers somebody else");
    }
  }

  private JsonNode execute(String command) throws IOException {
    send("{\"execute\":\"" + command + "\"}\n");
    return answer();
  }

  private JsonNode answer() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (byte next = next(); next != '\n'; next = next()) {
      if (line.size() == LONGEST_ANSWER) {
        throw new IOException("an answer without end");
      }
      line.write(next);
    }
    JsonNode message = JSON.readTree(line.toByteArray());
    if (message == null || !message.has("return")) {
      throw new IOException("the agent refused: " + message);
    }
    return message.get("return");
  }

  private void send(String text) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    if (channel.write(bytes) == 0 || bytes.hasRemaining()) {
      throw new IOException("nothing reads what the agent is asked");
    }
  }

  private byte next() throws IOException {
    while (!buffer.hasRemaining()) {
      buffer.clear();
      int count = channel.read(buffer);
      buffer.flip();
      if (count < 0) {
        throw new IOException("hung up");
      }
      if (count == 0) {
        awaitReadable();
      }
    }
    return buffer.get();
  }

  private void awaitReadable() throws IOException {
    selector.selectedKeys().clear();
    long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
    if (left <= 0 || selector.select(left) == 0) {
      throw new SocketTimeoutException("no answer");
    }
  }
}
