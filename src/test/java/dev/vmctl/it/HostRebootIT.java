package dev.vmctl.it;

import static dev.vmctl.it.Installation.isConverged;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vmctl.host.LinuxHostFacts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The host goes down and comes up again: every process is gone, and the boot id is another. */
class HostRebootIT {
  /** Longer than this test waits for anything: who takes this long was not asked. */
  private static final String FOR_EVER = "1h";

  @TempDir Path directory;

  @Test
  void whatRanComesBackInOrderAndWhatWasHeldStaysDown() throws Exception {
    assumeThat(LinuxHostFacts.ofThisProcess().userId()).as("mounts a boot id: skipped").isZero();
    Path watched = Files.createDirectories(directory.resolve("watched"));
    TinyGuest guest = TinyGuest.in(directory);
    Files.writeString(
        watched.resolve("VMFile.kdl"),
        guest.vm("held") + guest.vm("app", "depends-on \"db\"") + guest.vm("db"));
    try (Installation vmctl = Installation.in(directory, "data")) {
      Daemon daemon = Daemon.start(vmctl, watched);
      vmctl.awaitStatusOnceKnown("held", Installation::isConverged);
      vmctl.succeed("stop", "held");
      JsonNode before = vmctl.awaitConverged("app");
      Object disk = disk(before);

      vmctl.succeed("drain", "--timeout", FOR_EVER);

      assertIsDrained(vmctl, daemon);
      daemon.kill();
      vmctl.bootHost();
      daemon = Daemon.start(vmctl, watched);
      JsonNode after = vmctl.awaitConverged("app");
      assertThat(after.path("uuid")).isEqualTo(before.path("uuid"));
      assertThat(disk(after)).isEqualTo(disk);
      assertCameInOrder(vmctl);

      powerFails(vmctl, daemon);
      Process stranger = new ProcessBuilder("sleep", "1000").start();
      try {
        recyclePid(vmctl.data().resolve("run"), after.path("pid").asLong(), stranger.pid());
        vmctl.bootHost();
        Daemon.start(vmctl, watched);
        JsonNode back =
            vmctl.awaitStatus(
                "app", now -> isConverged(now) && !now.path("pid").equals(after.path("pid")));
        assertThat(back.path("restarts").asInt()).as("a power failure is no crash").isZero();
        assertThat(disk(back)).isEqualTo(disk);
        assertCameInOrder(vmctl);
        assertThat(stranger.isAlive()).isTrue();
      } finally {
        stranger.destroyForcibly();
      }
    }
  }

  private static Object disk(JsonNode status) throws Exception {
    return Files.getAttribute(Path.of(status.path("paths").path("disk").asText()), "unix:ino");
  }

  private static void assertCameInOrder(Installation vmctl) throws Exception {
    assertThat(started(vmctl, "db")).isBefore(started(vmctl, "app"));
    assertThat(vmctl.status("held").path("state").asText()).isEqualTo("stopped");
  }

  private static Instant started(Installation vmctl, String vm) throws Exception {
    return ProcessHandle.of(vmctl.status(vm).path("pid").asLong())
        .flatMap(process -> process.info().startInstant())
        .orElseThrow();
  }

  private static void assertIsDrained(Installation vmctl, Daemon daemon) throws Exception {
    long looked = daemon.reconciles();
    Installation.await("more looks", daemon::reconciles, count -> count > looked + 4);
    JsonNode app = vmctl.status("app");
    assertThat(app.path("state").asText()).isEqualTo("stopped");
    assertThat(app.path("holds").get(0).path("kind").asText()).isEqualTo("drained");
  }

  private static void powerFails(Installation vmctl, Daemon daemon) throws Exception {
    List<Long> guests =
        List.of(vmctl.status("app").path("pid").asLong(), vmctl.status("db").path("pid").asLong());
    daemon.kill();
    guests.forEach(Installation::kill);
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
}
