package dev.vmctl.it;

import static dev.vmctl.it.Installation.condition;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vmctl.faults.Area;
import dev.vmctl.faults.Fault;
import dev.vmctl.faults.Seen;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A daemon keeps the VMs of a directory as its VMFiles say. The tests share one daemon and the VM
 * "web", which each finds converged.
 */
class WatchedDirectoryIT {
  /** Leaves a line for each time it runs. */
  private static final String STEP = "echo ran >> steps && sync";

  private static final SmallGuest GUEST = SmallGuest.ofThisMachine();
  @TempDir static Path directory;
  private static @Nullable Installation installation;
  private static @Nullable Daemon daemon;
  private static Path watched = Path.of("");

  @BeforeAll
  static void start() throws Exception {
    installation = Installation.in(directory, "data");
    watched = Files.createDirectory(directory.toRealPath().resolve("vmfiles"));
    declare("web", GUEST.vm("web", 128, STEP));
    daemon = Daemon.start(installation, watched);
  }

  @AfterAll
  static void end() {
    if (installation != null) {
      installation.close();
    }
  }

  @BeforeEach
  void webIsConverged() throws IOException {
    declare("web", GUEST.vm("web", 128, STEP));
    vmctl()
        .awaitStatusOnceKnown("web", now -> isDeclared(now, 128) && Installation.isConverged(now));
  }

  private static boolean isDeclared(JsonNode status, int memoryMb) {
    return status.path("memoryMb").asInt() == memoryMb
        && condition(status, "Provisioned").path("status").asText().equals("True");
  }

  @Test
  void aFileInTheDirectoryBecomesAMachineThatRunsCommands() throws Exception {
    Installation.Ended command = vmctl().vmctl("ssh", "web", "--", "head -n1 steps; exit 7");
    assertThat(command.exitCode()).as("%s", command).isEqualTo(7);
    assertThat(command.out()).isEqualTo("ran\n");
    assertThat(vmctl().vmctl("ssh", "nosuch", "--", "true").exitCode()).isEqualTo(255);
    JsonNode web = vmctl().list().get(0);
    assertThat(web.path("name").asText()).isEqualTo("web");
    assertThat(web.path("state").asText()).isEqualTo("running");
    assertThat(web.path("source").asText()).isEqualTo(watched.toString());
    assertThat(web.path("supervised").asBoolean()).isTrue();
  }

  @Test
  void whatTheGuestsAgentSaysIsInTheStatus() throws Exception {
    JsonNode guest =
        vmctl()
            .awaitStatus("web", status -> status.path("guest").path("addresses").size() > 0)
            .path("guest");
    assertThat(guest.path("hostname").asText()).isEqualTo(vmctl().inGuest("web", "hostname"));
    assertThat(guest.path("os").asText()).isNotEmpty();
    assertThat(guest.path("addresses").valueStream().map(JsonNode::asText))
        .anyMatch(address -> address.startsWith("eth0 10.0.2."));
    assertThat(vmctl().here("status", "web").out())
        .containsPattern("hostname: +web")
        .containsPattern("guest os: +\\S")
        .containsPattern("addresses: +.*10\\.0\\.2\\.");
  }

  @Test
  void aKilledQemuComesBackOnItsDisk() throws Exception {
    vmctl().inGuest("web", "echo kept > before-kill && sync");
    JsonNode before = vmctl().status("web");
    Installation.kill(before.path("pid").asLong());
    JsonNode after =
        vmctl()
            .awaitStatus(
                "web",
                now ->
                    now.path("restarts").asInt() == before.path("restarts").asInt() + 1
                        && Installation.isConverged(now));
    assertThat(after.path("pid").asLong()).isNotEqualTo(before.path("pid").asLong());
    assertThat(after.path("uuid")).isEqualTo(before.path("uuid"));
    assertThat(after.path("paths").path("disk")).isEqualTo(before.path("paths").path("disk"));
    assertThat(vmctl().inGuest("web", "cat before-kill")).isEqualTo("kept");
  }

  @Test
  void aKilledDaemonFindsItsMachinesAsTheyWere() throws Exception {
    JsonNode before = vmctl().status("web");
    String facts = "cat /proc/sys/kernel/random/boot_id steps";
    String guestBefore = vmctl().inGuest("web", facts);
    Installation.kill(daemon().pid());
    assertThat(vmctl().inGuest("web", facts)).as("without a daemon").isEqualTo(guestBefore);
    assertThat(vmctl().list().get(0).path("supervised").asBoolean()).isFalse();
    daemon = Daemon.start(vmctl(), watched);
    awaitReconciles(2);
    JsonNode after = vmctl().awaitConverged("web");
    assertThat(after.path("pid")).isEqualTo(before.path("pid"));
    assertThat(after.path("restarts")).isEqualTo(before.path("restarts"));
    assertThat(after.path("generation")).isEqualTo(before.path("generation"));
    assertThat(vmctl().inGuest("web", facts)).isEqualTo(guestBefore);
  }

  @Test
  void moreMemoryIsARestartOnTheSameDisk() throws Exception {
    JsonNode before = vmctl().status("web");
    String memory = "sed -n 's/MemTotal: *//p' /proc/meminfo";
    String little = vmctl().inGuest("web", memory);
    String mac = vmctl().inGuest("web", "cat /sys/class/net/eth0/address");
    String steps = vmctl().inGuest("web", "echo kept > before-edit && sync; cat steps");
    declare("web", GUEST.vm("web", 192, STEP));
    JsonNode after =
        vmctl().awaitStatus("web", now -> isDeclared(now, 192) && Installation.isConverged(now));
    assertThat(after.path("uuid")).isEqualTo(before.path("uuid"));
    assertThat(after.path("pid")).isNotEqualTo(before.path("pid"));
    assertThat(after.path("restarts")).as("only crashes count").isEqualTo(before.path("restarts"));
    assertThat(kilobytes(vmctl().inGuest("web", memory)) - kilobytes(little))
        .isBetween(60_000, 70_000);
    assertThat(vmctl().inGuest("web", "cat /sys/class/net/eth0/address")).isEqualTo(mac);
    assertThat(vmctl().inGuest("web", "cat before-edit")).isEqualTo("kept");
    assertThat(vmctl().inGuest("web", "cat steps")).as("not provisioned again").isEqualTo(steps);
  }

  private static int kilobytes(String memTotal) {
    return Integer.parseInt(memTotal.replace(" kB", ""));
  }

  @Test
  void aRemovedFilesMachineIsInTheTrashAndComesBackFromThere() throws Exception {
    Path file = declare("db", GUEST.vm("db", 128));
    vmctl().awaitStatusOnceKnown("db", Installation::isConverged);
    vmctl().inGuest("db", "echo kept > before-removal && sync");
    JsonNode before = vmctl().status("db");
    JsonNode web = vmctl().status("web");
    Files.delete(file);
    Installation.await("a list without db", vmctl()::list, list -> list.size() == 1);
    assertThat(Installation.isAlive(before.path("pid").asLong())).isFalse();
    assertThat(vmctl().status("web").path("pid")).as("pid of web").isEqualTo(web.path("pid"));
    JsonNode trash = vmctl().trash();
    assertThat(trash).hasSize(1);
    assertThat(trash.get(0).path("vm").asText()).isEqualTo("db");
    assertThat(trash.get(0).path("kind").asText()).isEqualTo("vm");

    vmctl().succeed("trash", "restore", trash.get(0).path("id").asText());
    assertThat(vmctl().status("db").path("ready").asBoolean()).isFalse();
    vmctl().succeed("start", "db");
    assertThat(vmctl().inGuest("db", "cat before-removal")).isEqualTo("kept");
    awaitReconciles(6);
    JsonNode after = vmctl().awaitConverged("db");
    assertThat(after.path("uuid")).isEqualTo(before.path("uuid"));
    assertThat(after.path("source").asText()).as("nobody declares it").isEqualTo("restored");
    assertThat(vmctl().trash()).isEmpty();

    declare("db", GUEST.vm("db", 128));
    JsonNode declaredAgain =
        vmctl().awaitStatus("db", now -> now.path("source").asText().equals(watched.toString()));
    assertThat(declaredAgain.path("pid")).isEqualTo(after.path("pid"));
    Files.delete(file);
    Installation.await("a list without db", vmctl()::list, list -> list.size() == 1);
  }

  @Test
  void aBrokenFileLeavesItsMachineAloneAndSaysWhere() throws Exception {
    JsonNode before = vmctl().status("web");
    String good = GUEST.vm("web", 128, STEP);
    Path file = declare("web", good.replace("memory 128", "memroy 128"));
    String place = file + ":7:5";
    JsonNode broken =
        vmctl()
            .awaitStatus(
                "web", now -> condition(now, "Stalled").path("status").asText().equals("True"));
    assertThat(condition(broken, "Stalled").path("reason").asText()).isEqualTo("SourceInvalid");
    assertThat(condition(broken, "Stalled").path("message").asText()).contains(place);
    vmctl().awaitEvent("SourceInvalid", place, "memroy");
    awaitReconciles(4);
    assertThat(vmctl().status("web").path("pid")).isEqualTo(before.path("pid"));
    declare("web", good);
    JsonNode mended =
        vmctl()
            .awaitStatus(
                "web", now -> condition(now, "Stalled").path("status").asText().equals("False"));
    assertThat(mended.path("pid")).isEqualTo(before.path("pid"));
    assertThat(mended.path("generation")).isEqualTo(before.path("generation"));
  }

  @Test
  void aDirectoryMovedAwayChangesNothingUntilItIsBack() throws Exception {
    JsonNode before = vmctl().status("web");
    Path away = directory.resolve("elsewhere");
    Files.move(watched, away);
    vmctl().awaitEvent("SourceUnknown", watched.toString());
    awaitReconciles(4);
    assertThat(vmctl().status("web").path("pid")).isEqualTo(before.path("pid"));
    assertThat(vmctl().list()).hasSize(1);
    Files.writeString(away.resolve("web.kdl"), GUEST.vm("web", 128, STEP, "echo new > edited"));
    Files.move(away, watched);
    JsonNode after =
        vmctl()
            .awaitStatus(
                "web",
                now ->
                    now.path("generation").asLong() > before.path("generation").asLong()
                        && Installation.isConverged(now));
    assertThat(after.path("pid")).isEqualTo(before.path("pid"));
    assertThat(vmctl().inGuest("web", "cat edited")).isEqualTo("new");
  }

  @Test
  @Fault(area = Area.OURS, value = "SIGTERM to the daemon while provision steps run")
  void aSignalAndAStopDuringALongProvisionWin(Seen seen) throws Exception {
    declare("web", GUEST.vm("web", 128, STEP, "sleep 3000"));
    JsonNode busy =
        vmctl().awaitStatus("web", now -> now.path("activity").asText().contains("2/2"));
    endMidProvision(busy.path("pid").asLong());
    seen.says("nothing: the guest runs on, and the next daemon begins with its first step");
    long began = System.nanoTime();
    vmctl().succeed("stop", "web");
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(60));
    JsonNode stopped = vmctl().status("web");
    assertThat(stopped.path("state").asText()).isEqualTo("stopped");
    assertThat(stopped.path("holds")).hasSize(1);
    assertThat(condition(stopped, "Ready").path("reason").asText()).isEqualTo("Held");
    declare("web", GUEST.vm("web", 128, STEP));
    vmctl().succeed("start", "web");
  }

  /** SIGTERM ends the daemon at once and the guest not at all; the next one provisions again. */
  private static void endMidProvision(long guest) throws Exception {
    ProcessHandle ending = ProcessHandle.of(daemon().pid()).orElseThrow();
    ending.destroy();
    ending.onExit().get(20, TimeUnit.SECONDS);
    assertThat(Installation.isAlive(guest)).isTrue();
    daemon = Daemon.start(vmctl(), watched);
    JsonNode again =
        vmctl().awaitStatus("web", now -> now.path("activity").asText().contains("2/2"));
    assertThat(again.path("pid").asLong()).isEqualTo(guest);
  }

  @Test
  void aFailingStepIsReportedAndTriedAgainAfterAnEditOnly() throws Exception {
    String failing = "echo tried >> tries; echo no luck today; exit 3";
    declare("web", GUEST.vm("web", 128, STEP, failing));
    JsonNode failed =
        vmctl()
            .awaitStatus(
                "web",
                now ->
                    condition(now, "Provisioned").path("reason").asText().equals("StepFailed")
                        && condition(now, "Reconciling").path("status").asText().equals("False"));
    assertThat(failed.path("failure").path("code").asText()).isEqualTo("provision.failed");
    assertThat(failed.path("failure").path("message").asText()).contains("3", "no luck today");
    vmctl().awaitEvent("ProvisionFailed", "no luck today");
    awaitReconciles(6);
    assertThat(vmctl().inGuest("web", "cat tries")).isEqualTo("tried");
    declare("web", GUEST.vm("web", 128, STEP, failing.replace("exit 3", "exit 0")));
    vmctl()
        .awaitStatusOnceKnown("web", now -> isDeclared(now, 128) && Installation.isConverged(now));
    assertThat(vmctl().inGuest("web", "cat tries")).isEqualTo("tried\ntried");
  }

  @Test
  void destroyingWhatTheDirectoryDeclaresIsRefused() throws Exception {
    Installation.Ended refused = vmctl().vmctl("destroy", "web");
    assertThat(refused.exitCode()).isEqualTo(1);
    assertThat(refused.err()).contains("vm.still_declared", watched.resolve("web.kdl") + ":1");
    assertThat(vmctl().status("web").path("ready").asBoolean()).isTrue();
  }

  @Test
  void aSecondDaemonIsToldWhoHoldsTheDataDirectory() throws Exception {
    Installation.Ended second =
        vmctl().vmctl("daemon", "--watch", watched.toString(), "--listen", "none");
    assertThat(second.exitCode()).isEqualTo(1);
    assertThat(second.err()).contains("store.locked", Long.toString(daemon().pid()));
  }

  /** Waits until the loop has looked at VMs so many more times: long enough to do harm. */
  private static void awaitReconciles(int more) throws Exception {
    long before = daemon().reconciles();
    Installation.await(
        more + " more reconciles", daemon()::reconciles, count -> count >= before + more);
  }

  /** Writes a VMFile as an editor does: whole, or not at all. */
  private static Path declare(String name, String content) throws IOException {
    Path file = watched.resolve(name + ".kdl");
    if (!Files.exists(file) || !Files.readString(file).equals(content)) {
      Path draft = Files.writeString(directory.resolve("draft"), content);
      Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
    }
    return file;
  }

  private static Installation vmctl() {
    return Objects.requireNonNull(installation);
  }

  private static Daemon daemon() {
    return Objects.requireNonNull(daemon);
  }
}
