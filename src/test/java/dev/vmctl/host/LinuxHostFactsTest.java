package dev.vmctl.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LinuxHostFactsTest {
  private final LinuxHostFacts here = LinuxHostFacts.ofThisProcess();
  @TempDir Path directory;

  @Test
  void theHostIsMeasured() throws Exception {
    assertThat(here.bootId()).matches("[0-9a-f-]{36}");
    assertThat(here.freeMemoryBytes()).isBetween(1L << 20, 1L << 50);
    assertThat(here.freeDiskBytes(directory)).isPositive();
    assertThat(here.freeDiskBytes(directory.resolve("not/there/yet"))).isPositive();
    assertThat(here.userId())
        .isEqualTo(Files.getAttribute(Files.createFile(directory.resolve("mine")), "unix:uid"));
  }

  @Test
  void aFreePortCanBeListenedOn() throws Exception {
    int port = here.freeTcpPort();
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress("127.0.0.1", port));
      assertThat(socket.getLocalPort()).isEqualTo(port);
    }
  }

  @Test
  void directoriesFollowTheXdgVariables() {
    HostFacts facts =
        facts(Map.of("XDG_DATA_HOME", "/d", "XDG_CACHE_HOME", "/c", "XDG_RUNTIME_DIR", "/r"));
    assertThat(facts.dataDirectory()).isEqualTo(Path.of("/d/vmctl"));
    assertThat(facts.cacheDirectory()).isEqualTo(Path.of("/c/vmctl"));
    assertThat(facts.runtimeDirectory()).isEqualTo(Path.of("/r/vmctl"));
  }

  @Test
  void relativeOrMissingVariablesCountAsNotSet() {
    HostFacts facts = facts(Map.of("XDG_DATA_HOME", "relative", "HOME", "/home/me"));
    assertThat(facts.dataDirectory()).isEqualTo(Path.of("/home/me/.local/share/vmctl"));
    assertThat(facts.cacheDirectory()).isEqualTo(Path.of("/home/me/.cache/vmctl"));
    assertThat(facts.runtimeDirectory()).isEqualTo(Path.of("/tmp/vmctl-" + facts.userId()));
    assertThat(facts(Map.of()).home()).isEqualTo(Path.of("/nowhere"));
  }

  @Test
  void aProgramIsFoundOnThePathOrWhereItIs() throws Exception {
    Path program = Files.createFile(directory.resolve("tool"));
    HostFacts facts = facts(Map.of("PATH", "relative:/no/such:" + directory));
    assertThat(facts.findProgram("tool")).as("not executable").isEmpty();
    assertThat(program.toFile().setExecutable(true)).isTrue();
    assertThat(facts.findProgram("tool")).contains(program);
    assertThat(facts.findProgram(program.toString())).contains(program);
    assertThat(facts.findProgram("")).isEmpty();
    assertThat(facts.findProgram("other")).isEmpty();
  }

  private static HostFacts facts(Map<String, String> environment) {
    return new LinuxHostFacts(environment, Path.of("/nowhere"), "me");
  }
}
