package dev.vmctl.hypervisor.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.vmctl.model.MacAddress;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against agents that behave and that do not. */
class AgentCardsTest {
  private static final MacAddress CARD = new MacAddress("52:54:00:aa:bb:01");
  private static final String INTERFACES =
      """
      {"return": [
        {"name": "lo", "hardware-address": "00:00:00:00:00:00",
         "ip-addresses": [{"ip-address-type": "ipv4", "ip-address": "127.0.0.1", "prefix": 8}]},
        {"name": "eth0", "hardware-address": "52:54:00:AA:BB:01",
         "ip-addresses": [
           {"ip-address-type": "ipv6", "ip-address": "fe80::1", "prefix": 64},
           {"ip-address-type": "ipv6", "ip-address": "fd00::7", "prefix": 64},
           {"ip-address-type": "ipv4", "ip-address": "192.168.7.7", "prefix": 24}]},
        {"name": "eth1", "hardware-address": "52:54:00:aa:bb:02",
         "ip-addresses": [{"ip-address-type": "ipv6", "ip-address": "fd00::8", "prefix": 64}]},
        {"name": "eth2", "hardware-address": "52:54:00:aa:bb:03"},
        {"name": "sit0", "ip-addresses": [{"ip-address-type": "ipv4", "ip-address": "1.2.3.4"}]},
        {"name": "eth3", "hardware-address": "52:54:00:aa:bb:04",
         "ip-addresses": [{"ip-address-type": "ipv4", "ip-address": "evil.example.org"}]}]}
      """
          .replace("\n", "");

  @TempDir Path directory;
  private @Nullable ServerSocketChannel server;

  @AfterEach
  void close() throws IOException {
    if (server != null) {
      server.close();
    }
  }

  private Map<MacAddress, InetAddress> ask() {
    return AgentCards.ask(directory.resolve("agent.sock"), Duration.ofMillis(500));
  }

  /**
   * @param first what is on the line before anybody asks
   * @param answer to the question for interfaces; %d in {@code echo} is the number of the greeting
   */
  private void agent(String first, String echo, String answer) throws IOException {
    ServerSocketChannel listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server = listening;
    listening.bind(UnixDomainSocketAddress.of(directory.resolve("agent.sock")));
    Callable<Boolean> serve =
        () -> {
          try (SocketChannel channel = listening.accept();
              BufferedReader in =
                  new BufferedReader(
                      new InputStreamReader(
                          Channels.newInputStream(channel), StandardCharsets.ISO_8859_1));
              OutputStream out = Channels.newOutputStream(channel)) {
            out.write(first.getBytes(StandardCharsets.ISO_8859_1));
            String greeting = in.readLine();
            assertThat(greeting).startsWith("\u00ff{").contains("guest-sync-delimited");
            String number = greeting.replaceAll("\\D", "");
            out.write(
                ("\u00ff" + echo.replace("%d", number) + "\n")
                    .getBytes(StandardCharsets.ISO_8859_1));
            assertThat(in.readLine()).contains("guest-network-get-interfaces");
            out.write((answer + "\n").getBytes(StandardCharsets.UTF_8));
            in.readLine();
          }
          return true;
        };
    Thread.ofVirtual().start(new FutureTask<>(serve));
  }

  @Test
  void addressesAreThoseOfCardsInNumbersAndLeadSomewhere() throws IOException {
    agent("", "{\"return\": %d}", INTERFACES);
    assertThat(ask())
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                CARD,
                InetAddress.ofLiteral("192.168.7.7"),
                new MacAddress("52:54:00:aa:bb:02"),
                InetAddress.ofLiteral("fd00::8")));
  }

  @Test
  void theRestOfAnAnswerToSomebodyElseIsPassedOver() throws IOException {
    agent("-address\": \"10.0.0.1\"}]}\n", "{\"return\": %d}", INTERFACES);
    assertThat(ask()).containsKey(CARD);
  }

  @Test
  void anAgentThatRefusesAnswersAnotherOrTalksNonsenseKnowsNothing() throws IOException {
    agent("", "{\"return\": %d}", "{\"error\": {\"class\": \"CommandNotFound\"}}");
    assertThat(ask()).isEmpty();
    restart("", "{\"return\": 0}", INTERFACES);
    assertThat(ask()).isEmpty();
    restart("", "{\"return\": %d}", "no json");
    assertThat(ask()).isEmpty();
    restart("", "{\"return\": %d}", "{\"return\": \"" + "x".repeat(1 << 21) + "\"}");
    assertThat(ask()).isEmpty();
  }

  private void restart(String first, String echo, String answer) throws IOException {
    close();
    Files.delete(directory.resolve("agent.sock"));
    agent(first, echo, answer);
  }

  @Test
  void noAgentAndASilentOneKnowNothing() throws IOException {
    assertThat(ask()).isEmpty();
    try (ServerSocketChannel silent = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      silent.bind(UnixDomainSocketAddress.of(directory.resolve("agent.sock")));
      assertThat(ask()).isEmpty();
    }
  }

  @Test
  void whatIsNoListOfInterfacesNamesNoCard() throws IOException {
    assertThat(AgentCards.addresses(new ObjectMapper().readTree("{\"a\": [1, null]}"))).isEmpty();
  }
}
