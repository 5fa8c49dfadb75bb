package dev.vmctl.controller;

import static dev.vmctl.controller.Simulation.vm;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmctl.api.ApplyRequest;
import dev.vmctl.api.ApplyRequest.Provisioning;
import dev.vmctl.api.PruneView;
import dev.vmctl.faults.Area;
import dev.vmctl.faults.Fault;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.SourceId;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmFields;
import dev.vmctl.model.VmName;
import dev.vmctl.source.Snapshot;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A watched source is followed until the records are true to it, whatever happens meanwhile. */
class SourceSyncTest {
  private static final VmName WEB = new VmName("web");

  @TempDir Path directory;
  private Simulation simulation;

  @BeforeEach
  void start() {
    simulation = new Simulation(directory, 9);
  }

  @Test
  void aNameThatBecomesFreeIsTakenAtTheNextLook() {
    simulation.vmctl.apply(
        new ApplyRequest(
            SourceId.cli(), List.of(vm("web")), Set.of(), false, false, Provisioning.AS_NEEDED));
    simulation.untilReady("web");
    simulation.declare(vm("web"));
    simulation.engine.resync();
    assertThat(simulation.events()).containsOnlyOnce("NameTaken");
    simulation.vmctl.destroy(WEB, true);
    simulation.timeline.pass(Duration.ofSeconds(10));
    assertThat(simulation.exists("web")).isFalse();
    simulation.engine.resync();
    simulation.untilReady("web");
    assertThat(simulation.record("web").source()).isEqualTo(Simulation.DIRECTORY);
  }

  @Test
  void anEditIsSettledByTheNextEngineAlthoughItsFileIsBrokenByThen() {
    simulation.declare(vm("web"));
    simulation.untilReady("web");
    simulation.declare(vm("web", values -> values.put(VmFields.MEMORY, 512L)));
    simulation.declared.clear();
    simulation.trust = Snapshot.Trust.PARTIAL;
    simulation.restart();
    simulation.timeline.pass(Duration.ofSeconds(5));
    simulation.untilReady("web");
    assertThat(simulation.status("web").observedGeneration()).isEqualTo(2);
  }

  @Test
  void aVmThatCouldNotBeRecordedIsRecordedAtTheNextLook() {
    simulation.store.fault =
        name -> {
          if (name.equals(WEB)) {
            throw new VmException(ErrorCode.DISK_FULL, "full", "free some");
          }
        };
    simulation.declare(vm("web"), vm("zoo"));
    simulation.untilReady("zoo");
    assertThat(simulation.exists("web")).isFalse();
    simulation.store.fault = name -> {};
    simulation.engine.resync();
    simulation.untilReady("web");
  }

  @Test
  void aSourceThatIsWrittenToAllTheTimePilesUpNoTimers() {
    for (int i = 0; i < 100; i++) {
      long memory = 128L + i;
      simulation.declare(vm("web", values -> values.put(VmFields.MEMORY, memory)));
      simulation.timeline.pass(Duration.ofMillis(10));
    }
    simulation.untilReady("web");
    simulation.declare(vm("web", values -> values.put(VmFields.MEMORY, 64L)));
    int before = simulation.reads;
    for (int i = 0; i < 100; i++) {
      long memory = 128L + i;
      simulation.declare(vm("web", values -> values.put(VmFields.MEMORY, memory)));
      simulation.timeline.pass(Duration.ofMillis(10));
    }
    simulation.timeline.pass(Duration.ofSeconds(10));
    assertThat(simulation.reads - before).isLessThan(110);
  }

  @Test
  void anEngineThatIsClosedRecordsNothingMore() {
    simulation.engine.close();
    simulation.declare(vm("web"));
    assertThat(simulation.exists("web")).isFalse();
  }

  @Test
  @Fault(
      area = Area.VMFILE,
      value = "its directory was exchanged while no daemon ran",
      silent = "nothing is removed; event `PruneRefused`")
  void aDirectoryThatWasExchangedWhileNoDaemonRanRemovesNothing() {
    simulation.declare(vm("web"), vm("db"), vm("mail"));
    simulation.untilReady("web", "db", "mail");
    simulation.identity = "1:2";
    simulation.declared.removeLast();
    simulation.restart();
    simulation.timeline.pass(Duration.ofSeconds(10));
    assertThat(simulation.exists("mail")).isTrue();
    assertThat(simulation.events()).contains("PruneRefused");

    simulation.declare(vm("web"), vm("db"), vm("mail"));
    simulation.timeline.pass(Duration.ofSeconds(10));
    simulation.declare(vm("web"), vm("db"));
    simulation.timeline.pass(Duration.ofSeconds(10));
    assertThat(simulation.exists("mail")).as("it has declared all of them once").isFalse();
  }

  @Test
  void whatWasRefusedIsRemovedAtAPersonsWord() {
    simulation.declare(vm("web"), vm("db"), vm("mail"));
    simulation.untilReady("web", "db", "mail");
    assertThat(simulation.vmctl.prune(true)).isEmpty();
    simulation.declare();
    simulation.timeline.pass(Duration.ofSeconds(10));

    PruneView asked = simulation.vmctl.prune(false).getFirst();
    assertThat(asked.vms()).containsExactlyInAnyOrder("web", "db", "mail");
    assertThat(asked.why()).contains("none of its VMs");
    simulation.timeline.pass(Duration.ofSeconds(10));
    assertThat(simulation.exists("web")).as("to ask removes nothing").isTrue();

    simulation.declare(vm("web"));
    simulation.timeline.pass(Duration.ofSeconds(10));
    assertThat(simulation.vmctl.prune(true).getFirst().vms())
        .containsExactlyInAnyOrder("db", "mail");
    simulation.timeline.pass(Duration.ofSeconds(30));

    assertThat(simulation.exists("web")).as("declared again meanwhile").isTrue();
    assertThat(simulation.exists("db")).isFalse();
    assertThat(simulation.exists("mail")).isFalse();
    assertThat(simulation.vmctl.trash()).hasSize(2);
    assertThat(simulation.vmctl.prune(false)).isEmpty();
  }

  @Test
  void ofASourceThatCannotBeReadNothingIsPruned() {
    simulation.declare(vm("web"), vm("db"));
    simulation.untilReady("web", "db");
    simulation.declare();
    simulation.timeline.pass(Duration.ofSeconds(10));
    simulation.trust = Snapshot.Trust.PARTIAL;
    simulation.engine.syncSources();
    assertThatThrownBy(() -> simulation.vmctl.prune(true))
        .isInstanceOfSatisfying(
            VmException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.PRUNE_REFUSED));
    simulation.timeline.pass(Duration.ofSeconds(10));
    assertThat(simulation.exists("web")).isTrue();
  }

  @Test
  void aSourceThatCannotBeReadIsSaidInTheConditionsOfItsVms() {
    simulation.declare(vm("web"));
    simulation.untilReady("web");
    simulation.trust = Snapshot.Trust.UNKNOWN;
    simulation.engine.syncSources();
    simulation.timeline.runReady();
    assertThat(simulation.status("web").conditions())
        .anySatisfy(
            condition ->
                assertThat(condition.message()).contains("/watched cannot be read: it is gone"));
    simulation.trust = Snapshot.Trust.COMPLETE;
    simulation.engine.syncSources();
    simulation.timeline.runReady();
    assertThat(simulation.status("web").conditions())
        .noneSatisfy(condition -> assertThat(condition.message()).contains("cannot be read"));
  }
}
