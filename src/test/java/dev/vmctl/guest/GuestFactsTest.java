package dev.vmctl.guest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmctl.agent.AgentClient;
import dev.vmctl.agent.FakeAgent;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GuestFactsTest {
  @TempDir Path directory;

  private GuestFacts facts() throws InterruptedException {
    try (AgentClient client =
        AgentClient.open(directory.resolve("agent.sock"), Duration.ofSeconds(10))) {
      return GuestFacts.of(client);
    }
  }

  @Test
  void anAgentTellsHostnameSystemAndAddresses() throws Exception {
    try (FakeAgent agent = FakeAgent.at(directory.resolve("agent.sock"))) {
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
      assertThat(facts())
          .isEqualTo(
              new GuestFacts(
                  "web", "Debian GNU/Linux 12", List.of("eth0 10.0.2.15", "eth0 fe80::1")));
    }
  }

  @Test
  void anAgentThatKnowsNoCommandStillCounts() throws Exception {
    try (FakeAgent agent = FakeAgent.at(directory.resolve("agent.sock"))) {
      assertThat(agent.silent).isFalse();
      assertThat(facts()).isEqualTo(new GuestFacts("", "", List.of()));
    }
  }
}
