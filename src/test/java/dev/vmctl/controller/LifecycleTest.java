package dev.vmctl.controller;

import static dev.vmctl.controller.Simulation.vm;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmctl.api.VmStatus.ConditionView;
import dev.vmctl.model.ApplyPolicy;
import dev.vmctl.model.ApplyPolicy.Mode;
import dev.vmctl.model.Declaration;
import dev.vmctl.model.OnRemove;
import dev.vmctl.model.PolicyFields;
import dev.vmctl.model.VmFields;
import dev.vmctl.store.Hold;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a VM's {@code lifecycle} says of its changes and its end. */
class LifecycleTest extends SimulationFixture {
  LifecycleTest() {
    super(9);
  }

  @BeforeEach
  void start() {
    simulation.world.images.present.add("/images/b.qcow2");
  }

  private static Declaration web(long memory, ApplyPolicy policy) {
    return vm(
        "web",
        values -> {
          values.put(VmFields.MEMORY, memory);
          values.put(PolicyFields.APPLY, policy);
        });
  }

  private Optional<ConditionView> outOfSync() {
    return simulation.status("web").conditions().stream()
        .filter(condition -> condition.type().equals("OutOfSync"))
        .findFirst();
  }

  private void pass() {
    simulation.timeline.pass(Duration.ofSeconds(20));
  }

  @Test
  void aManualChangeWaitsUntilSomebodyAsksForIt() {
    ApplyPolicy manual = new ApplyPolicy(null, Mode.MANUAL, null);
    simulation.declare(web(512, manual));
    simulation.untilReady("web");
    long pid = simulation.process("web").facts.pid();
    simulation.declare(web(1024, manual));
    pass();
    assertThat(simulation.process("web").facts.pid()).isEqualTo(pid);
    assertThat(outOfSync().orElseThrow().message()).contains("memory (restart)", "vmctl apply web");

    simulation.vmctl.approve(WEB);
    pass();
    simulation.untilReady("web");

    assertThat(simulation.process("web").facts.memoryMb()).isEqualTo(1024);
    assertThat(outOfSync()).isEmpty();
    simulation.declare(web(2048, manual));
    pass();
    assertThat(simulation.process("web").facts.memoryMb())
        .as("the next waits anew")
        .isEqualTo(1024);
  }

  @Test
  void whatWaitsIsNotMadeByARestartOfAnotherKind() {
    ApplyPolicy manual = ApplyPolicy.all(Mode.MANUAL);
    simulation.declare(web(512, manual));
    simulation.untilReady("web");
    simulation.declare(web(1024, manual));
    pass();
    simulation.world.kill(simulation.record("web").uuid());
    pass();
    simulation.untilReady("web");
    assertThat(simulation.process("web").facts.memoryMb()).isEqualTo(512);
    assertThat(outOfSync()).isPresent();
  }

  @Test
  void aDiskThatMustNotBeDestroyedIsNeitherReplacedNorRemoved() {
    simulation.declare(prevented("/images/base.qcow2"), vm("db"), vm("mail"));
    simulation.untilReady("web", "db", "mail");
    UUID disk = simulation.disk("web");

    assertThatThrownBy(() -> simulation.vmctl.reload(WEB, true)).hasMessageContaining("prevent");
    simulation.declare(prevented("/images/b.qcow2"), vm("db"), vm("mail"));
    pass();
    assertThat(simulation.failure("web").code()).isEqualTo("vm.destroy_prevented");
    assertThat(simulation.isUp("web")).isTrue();
    simulation.declare(vm("db"), vm("mail"));
    pass();
    assertThat(simulation.isUp("web")).isTrue();
    assertThat(simulation.disk("web")).isEqualTo(disk);
    assertThat(simulation.events()).contains("DestroyPrevented");
  }

  private static Declaration prevented(String image) {
    return vm(
        "web",
        values -> {
          values.put(VmFields.IMAGE, Path.of(image));
          values.put(PolicyFields.PREVENT_DESTROY, true);
        });
  }

  private void removed(OnRemove what) {
    simulation.declare(
        vm("web", values -> values.put(PolicyFields.ON_REMOVE, what)), vm("db"), vm("mail"));
    simulation.untilReady("web", "db", "mail");
    simulation.declare(vm("db"), vm("mail"));
    pass();
  }

  @Test
  void aVmThatIsToBeStoppedWhenItIsDeclaredNoMoreIsKept() {
    removed(OnRemove.STOP);
    assertThat(simulation.isUp("web")).isFalse();
    assertThat(simulation.record("web").isHeld(Hold.Kind.STOPPED)).isTrue();
  }

  @Test
  void anOrphanRunsOnAndIsNotBroughtBack() {
    removed(OnRemove.ORPHAN);
    assertThat(simulation.isUp("web")).isTrue();
    simulation.world.kill(simulation.record("web").uuid());
    pass();
    assertThat(simulation.isUp("web")).isFalse();

    simulation.declare(
        vm("web", values -> values.put(PolicyFields.ON_REMOVE, OnRemove.ORPHAN)),
        vm("db"),
        vm("mail"));
    simulation.vmctl.start(WEB);
    simulation.untilReady("web");
    assertThat(simulation.record("web").source()).isEqualTo(Simulation.DIRECTORY);
  }

  @Test
  void aVmThatIsToBeDestroyedLeavesNothingInTheTrash() {
    removed(OnRemove.DESTROY);
    assertThat(simulation.exists("web")).isFalse();
    assertThat(simulation.vmctl.trash()).isEmpty();
  }
}
