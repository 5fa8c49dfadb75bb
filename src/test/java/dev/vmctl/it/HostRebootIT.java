package dev.vmctl.it;

import static dev.vmctl.it.Installation.isConverged;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vmctl.host.LinuxHostFacts;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The host goes down and comes up again: every process is gone, and the boot id is another. */
class HostRebootIT {
  private static final SmallGuest GUEST = SmallGuest.ofThisMachine();

  @TempDir Path directory;

  @Test
  void whatRanComesBackAndWhatWasHeldStaysDown() throws Exception {
    assumeThat(LinuxHostFacts.ofThisProcess().userId()).as("mounts a boot id: skipped").isZero();
    Path watched = Files.createDirectories(directory.resolve("watched"));
    Files.writeString(watched.resolve("held.kdl"), GUEST.vm("held", 128));
    try (Installation vmctl = Installation.in(directory, "data")) {
      Daemon daemon = Daemon.start(vmctl, watched);
      vmctl.awaitStatusOnceKnown("held", now -> !now.path("pid").isNull());
      vmctl.succeed("stop", "held", "--timeout", "1s");
      Files.writeString(watched.resolve("web.kdl"), GUEST.vm("web", 128, "echo kept > before"));
      JsonNode before = vmctl.awaitStatusOnceKnown("web", Installation::isConverged);

      vmctl.succeed("drain", "--timeout", "60s");

      assertThat(Files.readString(console(before)))
          .as("the guest was asked")
          .contains("Power down");
      assertIsDrained(vmctl, daemon);
      daemon.kill();
      vmctl.bootHost();
      daemon = Daemon.start(vmctl, watched);
      JsonNode after = vmctl.awaitStatus("web", Installation::isConverged);
      assertThat(after.path("uuid")).isEqualTo(before.path("uuid"));
      assertThat(vmctl.inGuest("web", "cat before")).isEqualTo("kept");
      assertThat(vmctl.status("held").path("state").asText()).isEqualTo("stopped");

      powerFails(vmctl, daemon, after);
      Process stranger = new ProcessBuilder("sleep", "1000").start();
      try {
        recyclePid(vmctl.data().resolve("run"), after.path("pid").asLong(), stranger.pid());
        vmctl.bootHost();
        Daemon.start(vmctl, watched);
        JsonNode back =
            vmctl.awaitStatus(
                "web", now -> isConverged(now) && !now.path("pid").equals(after.path("pid")));
        assertThat(back.path("restarts").asInt()).as("a power failure is no crash").isZero();
        assertThat(vmctl.inGuest("web", "cat before")).isEqualTo("kept");
        assertThat(vmctl.status("held").path("state").asText()).isEqualTo("stopped");
        assertThat(stranger.isAlive()).isTrue();
      } finally {
        stranger.destroyForcibly();
      }
    }
  }

  private static void assertIsDrained(Installation vmctl, Daemon daemon) throws Exception {
    long looked = daemon.reconciles();
    Installation.awaitClosely("more looks", daemon::reconciles, count -> count > looked + 4);
    JsonNode web = vmctl.status("web");
    assertThat(web.path("state").asText()).isEqualTo("stopped");
    assertThat(web.path("holds").get(0).path("kind").asText()).isEqualTo("drained");
  }

  private static void powerFails(Installation vmctl, Daemon daemon, JsonNode running) {
    daemon.kill();
    Installation.kill(running.path("pid").asLong());
    assertThat(vmctl.data().resolve("run")).as("what a power failure leaves").isNotEmptyDirectory();
  }

  /** After a boot the number belongs to somebody else; nothing of ours may be misled by it. */
  private static void recyclePid(Path run, long old, long now) throws Exception {
    try (var files = Files.list(run)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.writeString(file, Files.readString(file).replace("" + old, "" + now));
      }
    }
  }

  private static Path console(JsonNode status) {
    return Path.of(status.path("paths").path("serialLog").asText());
  }
}
