package dev.vmctl.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmctl.model.VmException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AgentClientTest {
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final Duration SHORT = Duration.ofMillis(200);

  @TempDir Path directory;
  private FakeAgent agent;

  @BeforeEach
  void start() throws IOException {
    agent = FakeAgent.at(socket());
  }

  @AfterEach
  void stop() throws IOException {
    agent.close();
  }

  private Path socket() {
    return directory.resolve("agent.sock");
  }

  @Test
  void anAgentTellsHostnameSystemAndAddresses() throws Exception {
    agent.answers.put("guest-get-host-name", "{\"host-name\": \"web\"}");
    agent.answers.put(
        "guest-get-osinfo", "{\"id\": \"debian\", \"pretty-name\": \"Debian GNU/Linux 12\"}");
    agent.answers.put(
        "guest-network-get-interfaces",
        """
        [{"name": "lo", "ip-addresses": [{"ip-address": "127.0.0.1", "prefix": 8}]},
         {"name": "eth0", "ip-addresses": [{"ip-address": "10.0.2.15"}, {"ip-address": "fe80::1"}]},
         {"name": "eth1"}]"""
            .replace("\n", ""));
    try (AgentClient client = AgentClient.open(socket(), LIMIT)) {
      assertThat(client.facts())
          .isEqualTo(
              new GuestFacts(
                  "web", "Debian GNU/Linux 12", List.of("eth0 10.0.2.15", "eth0 fe80::1")));
    }
  }

  @Test
  void whatAnEarlierClientLeftUnreadIsNoAnswer() throws Exception {
    agent.stale = "{\"return\": {\"host-name\": \"old\"}}\n{\"return\": 4";
    agent.answers.put("guest-get-host-name", "{\"host-name\": \"new\"}");
    try (AgentClient client = AgentClient.open(socket(), LIMIT)) {
      assertThat(client.execute("guest-get-host-name").path("host-name").asText()).isEqualTo("new");
    }
  }

  @Test
  void anAgentThatKnowsNoCommandStillCounts() throws Exception {
    try (AgentClient client = AgentClient.open(socket(), LIMIT)) {
      assertThat(client.facts()).isEqualTo(new GuestFacts("", "", List.of()));
      assertThatThrownBy(() -> client.execute("guest-exec"))
          .isInstanceOf(VmException.class)
          .hasMessageContaining("not here");
    }
  }

  @Test
  void nobodyBehindTheChannelIsSaidInTime() {
    agent.silent = true;
    assertThatThrownBy(() -> AgentClient.open(socket(), SHORT))
        .isInstanceOf(VmException.class)
        .hasMessageContaining("nobody answers");
  }

  @Test
  void aChannelThatIsNotThereIsSaid() {
    assertThatThrownBy(() -> AgentClient.open(directory.resolve("none.sock"), LIMIT))
        .isInstanceOf(VmException.class)
        .hasMessageContaining("none.sock");
  }
}
