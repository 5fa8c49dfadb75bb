package dev.vmctl.it;

import static dev.vmctl.it.Installation.condition;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * How VMs are looked after, on two guests that boot once: "web" depends on "db". The tests come in
 * the order in which they disturb the least.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class PoliciesIT {
  private static final SmallGuest GUEST = SmallGuest.ofThisMachine();
  @TempDir static Path directory;
  private static @Nullable Installation installation;

  @BeforeAll
  static void up() throws Exception {
    installation = Installation.in(directory, "data");
    Path watched = Files.createDirectory(directory.toRealPath().resolve("vmfiles"));
    Files.writeString(
        watched.resolve("db.kdl"),
        with(
            "db",
            GUEST.image(),
            "ready { ssh; tcp 22; exec \"test -d /run\"; log \"\\\\S\"; interval \"1s\" }"));
    Files.writeString(watched.resolve("web.kdl"), web(GUEST.image()));
    Daemon.start(installation, watched);
    vmctl().awaitStatusOnceKnown("db", Installation::isConverged);
    vmctl().awaitStatusOnceKnown("web", Installation::isConverged);
  }

  @AfterAll
  static void end() {
    if (installation != null) {
      installation.close();
    }
  }

  private static String web(Path image) {
    return with(
        "web",
        image,
        "depends-on \"db\" until=\"ready\"\n"
            + "    restart \"on-failure\"\n"
            + "    liveness { exec \"test ! -e /run/hung\"; interval \"1s\"; timeout \"20s\"; failures 2 }");
  }

  private static String with(String name, Path image, String policy) {
    String vm = GUEST.vm(name, 128, image);
    return vm.substring(0, vm.lastIndexOf('}')) + "    " + policy + "\n}\n";
  }

  private static Installation vmctl() {
    return Objects.requireNonNull(installation);
  }

  @Test
  @Order(1)
  void aVmStartsWhenThatItDependsOnHasPassedItsChecks() throws Exception {
    List<String> told =
        vmctl().events().stream()
            .map(event -> event.path("vm").asText() + " " + event.path("reason").asText())
            .toList();
    assertThat(told).contains("db Ready", "web Started");
    assertThat(told.indexOf("web Started")).isGreaterThan(told.indexOf("db Ready"));
    JsonNode policy = vmctl().status("db").path("policy");
    assertThat(policy.path("ready").asText()).startsWith("ssh, tcp 22, exec: test -d /run");
    assertThat(vmctl().status("web").path("policy").path("dependsOn").get(0).asText())
        .isEqualTo("db until ready");
  }

  @Test
  @Order(2)
  void aHungGuestIsRestartedOnItsDisk() throws Exception {
    JsonNode before = vmctl().status("web");
    vmctl().inGuest("web", "echo kept > kept && sync && sudo touch /run/hung");
    JsonNode after =
        vmctl()
            .awaitStatus(
                "web", now -> now.path("restarts").asInt() == 1 && Installation.isConverged(now));
    assertThat(after.path("pid").asLong()).isNotEqualTo(before.path("pid").asLong());
    vmctl().awaitEvent("LivenessFailed", "exec: test ! -e /run/hung");
    assertThat(vmctl().inGuest("web", "cat kept")).isEqualTo("kept");
  }

  @Test
  @Order(3)
  void aRollbackBringsTheOldDiskBackWithAllThatWasOnIt() throws Exception {
    Path other = Files.copy(GUEST.image(), directory.toRealPath().resolve("other.qcow2"));
    Path file = directory.toRealPath().resolve("vmfiles/web.kdl");
    Files.writeString(file, web(other));
    vmctl()
        .awaitStatus(
            "web",
            now -> now.path("observedGeneration").asInt() == 2 && Installation.isConverged(now));
    assertThat(vmctl().inGuest("web", "ls")).as("a new disk").doesNotContain("kept");

    vmctl().succeed("rollback", "web");

    assertThat(vmctl().inGuest("web", "cat kept")).isEqualTo("kept");
    assertThat(vmctl().status("web").path("pinned").asInt()).isEqualTo(1);
    assertThat(vmctl().succeed("history", "web").out()).contains("current, rollback to 1");
    Files.writeString(file, web(GUEST.image()));
    vmctl().awaitStatus("web", now -> now.path("pinned").isNull() && Installation.isConverged(now));
    assertThat(vmctl().inGuest("web", "cat kept")).as("that disturbs nothing").isEqualTo("kept");
  }

  @Test
  @Order(4)
  void aGuestThatPowersItselfOffStaysOffAndSaysSo() throws Exception {
    vmctl().vmctl("ssh", "web", "--", "sudo poweroff -f");
    JsonNode off =
        vmctl()
            .awaitStatus(
                "web",
                now -> condition(now, "Ready").path("reason").asText().equals("GuestShutdown"));
    assertThat(off.path("state").asText()).isEqualTo("stopped");
    assertThat(condition(off, "Ready").path("message").asText()).contains("vmctl start");
    assertThat(off.path("policy").path("lastExit").path("reason").asText())
        .isEqualTo("GuestShutdown");
  }
}
