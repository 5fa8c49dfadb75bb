package dev.vmctl.controller;

import static dev.vmctl.controller.Simulation.vm;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmctl.api.ApplyRequest;
import dev.vmctl.api.ApplyRequest.Provisioning;
import dev.vmctl.api.VmStatus.ConditionView;
import dev.vmctl.faults.Area;
import dev.vmctl.faults.Fault;
import dev.vmctl.faults.Seen;
import dev.vmctl.model.ApplyPolicy;
import dev.vmctl.model.ApplyPolicy.Mode;
import dev.vmctl.model.Declaration;
import dev.vmctl.model.EnginePolicy;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.PolicyFields;
import dev.vmctl.model.SourceId;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmFields;
import dev.vmctl.model.VmName;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What holds for all VMs: how many start at once, on how much memory, and who applies changes. */
class RoomTest {
  @TempDir Path directory;

  private Simulation with(EnginePolicy policy) {
    Simulation simulation = new Simulation(directory, 13, policy);
    simulation.world.memoryMb = 4096;
    return simulation;
  }

  private static Declaration sized(String name, long memory) {
    return vm(name, values -> values.put(VmFields.MEMORY, memory));
  }

  private static ConditionView ready(Simulation simulation, String name) {
    return simulation.status(name).conditions().stream()
        .filter(each -> each.type().equals("Ready"))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void noMoreGuestsAreStartedThanThereIsMemoryFor() {
    Simulation simulation = with(EnginePolicy.STANDARD);
    simulation.declare(sized("a", 2048), sized("b", 1536), sized("c", 1024));
    simulation.timeline.pass(Duration.ofMinutes(2));

    List<String> up = Stream.of("a", "b", "c").filter(simulation::isUp).toList();
    assertThat(up).hasSize(2);
    String waits = Stream.of("a", "b", "c").filter(n -> !up.contains(n)).findFirst().orElseThrow();
    assertThat(ready(simulation, waits).reason()).isEqualTo("WaitingForMemory");
    assertThat(ready(simulation, waits).message()).contains("MiB", "overcommit");

    simulation.vmctl.stop(new VmName(up.getFirst()), Duration.ofSeconds(5));
    simulation.timeline.until(() -> simulation.isUp(waits), Duration.ofMinutes(3));
  }

  @Test
  @Fault(area = Area.HOST, value = "less than a gibibyte of disk is left, and a VM is to start")
  void withLessThanAGibibyteOfDiskNothingNewStartsAndWhatRunsRunsOn(Seen seen) {
    Simulation simulation = with(EnginePolicy.STANDARD);
    simulation.declare(sized("a", 512));
    simulation.untilReady("a");

    simulation.world.freeDiskBytes = (1L << 30) - 1;
    simulation.declare(sized("a", 512), sized("b", 512));
    simulation.timeline.pass(Duration.ofMinutes(2));

    assertThat(simulation.isUp("a")).isTrue();
    assertThat(simulation.isUp("b")).isFalse();
    assertThat(simulation.failure("b").code()).isEqualTo("host.disk_low");
    assertThat(simulation.status("b").conditions())
        .anySatisfy(
            each -> {
              assertThat(each.type()).isEqualTo("Stalled");
              assertThat(each.status()).isEqualTo("True");
              assertThat(each.message()).contains("1023 MiB are left");
            });
    seen.calling(directory, "<data>");
    seen.says("Stalled " + simulation.failure("b").message());

    simulation.world.freeDiskBytes = 2L << 30;
    simulation.untilReady("b");
    assertThat(simulation.isUp("a")).isTrue();
  }

  @Test
  void onACordonedHostNothingComesUpButWhatRanIsHealed() {
    Simulation simulation = with(EnginePolicy.STANDARD);
    simulation.declare(vm("ran"));
    simulation.untilReady("ran");

    simulation.vmctl.cordon("new disks");
    simulation.declare(vm("ran"), vm("new"));
    simulation.timeline.pass(Duration.ofMinutes(2));
    assertThat(simulation.isUp("new")).isFalse();
    assertThat(ready(simulation, "new").reason()).isEqualTo("Cordoned");
    assertThat(ready(simulation, "new").message()).contains("new disks", "vmctl uncordon");

    simulation.world.kill(simulation.record("ran").uuid());
    simulation.untilReady("ran");
    simulation.restart();
    simulation.timeline.pass(Duration.ofMinutes(2));
    assertThat(simulation.isUp("new")).as("by the next daemon").isFalse();

    simulation.vmctl.uncordon();
    simulation.vmctl.uncordon();
    simulation.untilReady("new");
    assertThat(simulation.events()).containsOnlyOnce("Cordoned", "Uncordoned");
  }

  @Test
  void whereOvercommitIsAllowedAllAreStarted() {
    Simulation simulation = with(EnginePolicy.STANDARD.starting(0, true));
    simulation.declare(sized("a", 2048), sized("b", 1536), sized("c", 8192));
    simulation.untilReady("a", "b", "c");
  }

  @Test
  void moreMemoryThanTheHostHasIsRefusedBeforeAnythingIsDone() {
    Simulation simulation = with(EnginePolicy.STANDARD);
    ApplyRequest request =
        new ApplyRequest(
            SourceId.file(Simulation.FILE),
            List.of(sized("a", 512), sized("b", 8192)),
            Set.of(),
            false,
            false,
            Provisioning.AS_NEEDED);
    for (Runnable command :
        List.<Runnable>of(
            () -> simulation.vmctl.plan(request), () -> simulation.vmctl.apply(request))) {
      assertThatThrownBy(command::run)
          .hasMessageContaining("8192 MiB")
          .isInstanceOfSatisfying(
              VmException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.HOST_MEMORY));
    }
    assertThat(simulation.exists("a")).isFalse();
  }

  @Test
  void anEditToMoreMemoryThanTheHostHasLeavesTheGuestRunning() {
    Simulation simulation = with(EnginePolicy.STANDARD);
    simulation.declare(sized("a", 512));
    simulation.untilReady("a");
    long pid = simulation.process("a").facts.pid();
    simulation.declare(sized("a", 8192));
    simulation.timeline.pass(Duration.ofSeconds(30));
    assertThat(simulation.process("a").facts.pid()).isEqualTo(pid);
    assertThat(simulation.failure("a").code()).isEqualTo("host.memory_exceeded");
  }

  @Test
  void soManyAsSaidAreOnTheirWayUpAtOnce() {
    Simulation simulation = with(EnginePolicy.STANDARD.starting(2, false));
    simulation.declare(
        sized("a", 64), sized("b", 64), sized("c", 64), sized("d", 64), sized("e", 64));
    int[] most = {0};
    simulation.timeline.until(
        () -> {
          long starting =
              Stream.of("a", "b", "c", "d", "e")
                  .filter(name -> simulation.exists(name) && simulation.isUp(name))
                  .filter(name -> !simulation.isReady(name))
                  .count();
          most[0] = Math.max(most[0], (int) starting);
          return Stream.of("a", "b", "c", "d", "e").allMatch(simulation::isReady);
        },
        Duration.ofMinutes(5));
    assertThat(most[0]).isEqualTo(2);
  }

  @Test
  void whoAppliesChangesIsSaidForAllVmsThatDoNotSayIt() {
    EnginePolicy manual = new EnginePolicy(ApplyPolicy.all(Mode.MANUAL), 0, false);
    Simulation simulation = with(manual);
    simulation.declare(sized("a", 512), auto(512));
    simulation.untilReady("a", "b");
    simulation.declare(sized("a", 1024), auto(1024));
    simulation.timeline.pass(Duration.ofSeconds(30));
    simulation.untilReady("b");

    assertThat(simulation.process("a").facts.memoryMb()).isEqualTo(512);
    assertThat(simulation.status("a").summary().outOfSync()).isTrue();
    assertThat(simulation.process("b").facts.memoryMb()).isEqualTo(1024);
    assertThat(simulation.status("b").summary().outOfSync()).isFalse();
  }

  private static Declaration auto(long memory) {
    return vm(
        "b",
        values -> {
          values.put(VmFields.MEMORY, memory);
          values.put(PolicyFields.APPLY, ApplyPolicy.all(Mode.AUTO));
        });
  }
}
