package dev.vmctl.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmctl.model.VmException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
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
  void whatAnEarlierClientLeftUnreadIsNoAnswer() throws Exception {
    agent.stale = "{\"return\": {\"host-name\": \"old\"}}\n{\"return\": 4";
    agent.answers.put("guest-get-host-name", "{\"host-name\": \"new\"}");
    try (AgentClient client = AgentClient.open(socket(), LIMIT)) {
      assertThat(client.execute("guest-get-host-name").path("host-name").asText()).isEqualTo("new");
    }
  }

  @Test
  void whatAnAgentDoesNotKnowIsRefusedOrMissing() throws Exception {
    try (AgentClient client = AgentClient.open(socket(), LIMIT)) {
      assertThat(client.known("guest-exec").isMissingNode()).isTrue();
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
