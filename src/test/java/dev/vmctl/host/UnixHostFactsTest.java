package dev.vmctl.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmctl.host.fake.FakeHost;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnixHostFactsTest {
  @TempDir Path directory;

  private HostFacts facts(String system, Map<String, String> answers) {
    FakeHost host = new FakeHost(directory);
    answers.forEach((line, text) -> host.failures.put(line, new ToolResult(0, text + "\n", "")));
    return new UnixHostFacts(
        new LinuxHostFacts(Map.of(), directory, "root"),
        new HostCommands(host),
        OperatingSystem.named(system));
  }

  @Test
  void freeBsdIsAskedBySysctl() throws Exception {
    HostFacts facts =
        facts(
            "FreeBSD",
            Map.of(
                "sysctl -n kern.boottime",
                "{ sec = 1764000000, usec = 512 } Mon Nov 24 16:00:00 2025",
                "sysctl -n vm.stats.vm.v_free_count",
                "1000",
                "sysctl -n vm.stats.vm.v_inactive_count",
                "24",
                "sysctl -n hw.pagesize",
                "4096"));
    assertThat(facts.bootId()).isEqualTo("boot-1764000000");
    assertThat(facts.freeMemoryBytes()).isEqualTo(1024 * 4096);
    assertThat(facts.userId())
        .isEqualTo(Files.getAttribute(Files.createFile(directory.resolve("mine")), "unix:uid"));
    assertThat(facts.runtimeDirectory()).isEqualTo(Path.of("/tmp/vmctl-" + facts.userId()));
  }

  @Test
  void illumosIsAskedByKstat() {
    HostFacts facts =
        facts(
            "SunOS",
            Map.of(
                "kstat -p unix:0:system_misc:boot_time",
                "unix:0:system_misc:boot_time\t1764000000",
                "kstat -p unix:0:system_pages:freemem",
                "unix:0:system_pages:freemem\t256",
                "pagesize",
                "4096"));
    assertThat(facts.bootId()).isEqualTo("boot-1764000000");
    assertThat(facts.freeMemoryBytes()).isEqualTo(1 << 20);
  }
}
