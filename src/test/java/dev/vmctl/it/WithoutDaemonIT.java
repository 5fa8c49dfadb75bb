package dev.vmctl.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands without a daemon: one VMFile of four VMs, each test with a VM of its own to change. */
class WithoutDaemonIT {
  private static final SmallGuest GUEST = SmallGuest.ofThisMachine();
  private static final List<String> NAMES = List.of("one", "two", "three", "four");
  @TempDir static Path directory;
  private static @Nullable Installation installation;
  private static final List<JsonNode> listsDuringUp = new ArrayList<>();
  private static Installation.@Nullable Ended up;

  /** One VMFile comes up while another process lists. */
  @BeforeAll
  static void up() throws Exception {
    installation = Installation.in(directory, "data");
    declare(null, "");
    Installation.Running running = installation.start("up");
    while (!running.process().waitFor(1, TimeUnit.SECONDS)) {
      listsDuringUp.add(installation.list());
    }
    up = running.end();
  }

  @AfterAll
  static void end() {
    if (installation != null) {
      installation.close();
    }
  }

  /** Writes the VMFile; {@code changed} has one more step. */
  private static void declare(@Nullable String changed, String step) throws Exception {
    Files.writeString(
        directory.resolve("VMFile.kdl"),
        NAMES.stream()
            .map(
                name ->
                    name.equals(changed)
                        ? GUEST.vm(name, 128, "echo ran >> steps", step)
                        : GUEST.vm(name, 128, "echo ran >> steps"))
            .collect(Collectors.joining("\n")));
  }

  @Test
  void fourMachinesComeUpSideBySide() throws Exception {
    Installation.Ended ended = Objects.requireNonNull(up);
    assertThat(ended.exitCode()).as("%s", ended).isZero();
    assertThat(ended.err()).contains("no daemon runs");
    List<JsonNode> started =
        vmctl().events().stream()
            .filter(event -> event.path("reason").asText().equals("Started"))
            .toList();
    List<JsonNode> ready =
        vmctl().events().stream()
            .filter(event -> event.path("reason").asText().equals("Ready"))
            .toList();
    assertThat(started).hasSizeGreaterThanOrEqualTo(4);
    assertThat(started.get(3).path("time").asText())
        .as("the fourth started before the first was ready")
        .isLessThan(ready.getFirst().path("time").asText());
  }

  @Test
  void aListDuringAnUpSeesTheMachinesComeUp() {
    assertThat(listsDuringUp.size()).as("lists while up ran").isGreaterThan(2);
    assertThat(listsDuringUp)
        .anySatisfy(
            list -> {
              assertThat(names(list)).containsExactly("four", "one", "three", "two");
              assertThat(list)
                  .anySatisfy(vm -> assertThat(vm.path("state").asText()).isEqualTo("running"));
              assertThat(list)
                  .allSatisfy(vm -> assertThat(vm.path("supervised").asBoolean()).isFalse());
            });
  }

  @Test
  void upOnWhatIsUpChangesNothing() throws Exception {
    vmctl().succeed("up", "--name", "one");
    JsonNode before = vmctl().status("one");
    long began = System.nanoTime();
    vmctl().succeed("up", "--name", "one");
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(10));
    JsonNode after = vmctl().status("one");
    assertThat(after.path("pid")).isEqualTo(before.path("pid"));
    assertThat(after.path("generation")).isEqualTo(before.path("generation"));
    assertThat(vmctl().inGuest("one", "cat steps")).isEqualTo("ran");
    assertThat(vmctl().vmctl("plan", "--name", "one", "--detailed-exitcode").exitCode()).isZero();
  }

  @Test
  void aStopFromAnotherProcessWinsOverALongProvision() throws Exception {
    declare("two", "echo it has begun; sleep 3000");
    Installation.Running running = vmctl().start("up", "--name", "two");
    running.awaitSaying("it has begun");
    Installation.Ended stop = vmctl().succeed("stop", "two");
    assertThat(stop.err()).doesNotContain("error");
    Installation.Ended ended = running.end();
    assertThat(ended.exitCode()).as("%s", ended).isEqualTo(1);
    assertThat(ended.err()).contains("stopped");
    JsonNode two = vmctl().status("two");
    assertThat(two.path("state").asText()).isEqualTo("stopped");
    assertThat(two.path("pid").isNull()).isTrue();
    assertThat(two.path("holds")).hasSize(1);
  }

  @Test
  void aFailingStepEndsUpWithItsExitCodeAndLastOutput() throws Exception {
    declare("three", "echo no luck today; exit 3");
    Installation.Ended failed = vmctl().vmctl("up", "--name", "three");
    assertThat(failed.exitCode()).as("%s", failed).isEqualTo(1);
    assertThat(failed.err())
        .contains("provision.failed", "no luck today")
        .containsPattern("\\b3\\b");
    declare("three", "echo mended");
    Installation.Ended mended = vmctl().succeed("up", "--name", "three");
    assertThat(mended.err()).contains("mended");
    assertThat(vmctl().inGuest("three", "cat steps")).isEqualTo("ran\nran\nran");
  }

  @Test
  void downStopsAndDownDestroyLeavesOnlyTheTrash() throws Exception {
    vmctl().succeed("up", "--name", "four");
    long pid = vmctl().status("four").path("pid").asLong();
    vmctl().succeed("down", "--name", "four");
    assertThat(Installation.isAlive(pid)).isFalse();
    assertThat(vmctl().status("four").path("state").asText()).isEqualTo("stopped");
    vmctl().succeed("down", "--destroy", "--name", "four");
    assertThat(names(vmctl().list())).doesNotContain("four").contains("one");
    assertThat(vmctl().trash())
        .anySatisfy(entry -> assertThat(entry.path("vm").asText()).isEqualTo("four"));
    assertThat(vmctl().vmctl("status", "four").exitCode()).isEqualTo(1);
  }

  private static List<String> names(JsonNode list) {
    List<String> names = new ArrayList<>();
    list.forEach(vm -> names.add(vm.path("name").asText()));
    return names;
  }

  private static Installation vmctl() {
    return Objects.requireNonNull(installation);
  }
}
