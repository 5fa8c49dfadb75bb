package dev.vmctl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmctl.api.VmStatus;
import dev.vmctl.host.ProcessUse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class TopTest {
  @TempDir Path directory;

  @Test
  void theBusiestComesFirst() throws Exception {
    Process busy = new ProcessBuilder("sh", "-c", "while :; do :; done").start();
    Process idle = new ProcessBuilder("sleep", "60").start();
    try {
      CliRun cli = new CliRun(directory);
      cli.vmctl.add(vm("a-idle", idle.pid()));
      cli.vmctl.add(vm("b-busy", busy.pid()));
      cli.vmctl.add(Vms.stopped("c-off"));

      CliRun.Result result = cli.run("top", "--count", "2", "--interval", "1s");

      assertThat(result.code()).as(result.err()).isZero();
      assertThat(result.out().lines().map(line -> line.split(" +")[0]))
          .containsExactly("NAME", "b-busy", "a-idle", "NAME", "b-busy", "a-idle");
      String[] cells = result.out().lines().toList().get(1).split(" +");
      assertThat(Double.parseDouble(cells[1])).isBetween(1.0, 110.0);
      assertThat(cells[7]).as("user networking is not counted").isEqualTo("-");
      assertThat(cli.run("top", "x", "--count", "1").code()).isEqualTo(1);
    } finally {
      busy.destroyForcibly().waitFor(5, TimeUnit.SECONDS);
      idle.destroyForcibly();
    }
  }

  @Test
  void trafficOfTapsIsCountedFromTheGuestsSide() throws Exception {
    Path process = directory.resolve("proc/7");
    Files.createDirectories(process.resolve("fdinfo"));
    Files.writeString(
        process.resolve("stat"), "7 (a) b (c) S 1 1 1 0 -1 0 0 0 0 0 150 50 0 0 20 0 1 0 9");
    Files.writeString(process.resolve("status"), "Name:\tx\nVmRSS:\t    2048 kB\n");
    Files.writeString(process.resolve("io"), "rchar: 1\nread_bytes: 10\nwrite_bytes: 20\n");
    Files.writeString(process.resolve("fdinfo/3"), "pos:\t0\niff:\ttap7\n");
    Files.writeString(process.resolve("fdinfo/4"), "pos:\t0\niff:\ttap7\n");
    Path counters = Files.createDirectories(directory.resolve("sys/class/net/tap7/statistics"));
    Files.writeString(counters.resolve("tx_bytes"), "100\n");
    Files.writeString(counters.resolve("rx_bytes"), "30\n");

    assertThat(ProcessUse.of(directory.resolve("proc"), directory.resolve("sys"), 7))
        .contains(new ProcessUse(200, 2048 * 1024, 10, 20, new ProcessUse.Network(100, 30)));
    assertThat(ProcessUse.of(directory.resolve("proc"), directory.resolve("sys"), 8)).isEmpty();
  }

  private static VmStatus vm(String name, long pid) {
    return Vms.withPid(name, pid);
  }
}
