package dev.vmctl.controller;

import static dev.vmctl.controller.Simulation.vm;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmctl.api.DiffView;
import dev.vmctl.api.HistoryView;
import dev.vmctl.api.HistoryView.GenerationView;
import dev.vmctl.api.PlanView.FieldChange;
import dev.vmctl.api.RollbackView;
import dev.vmctl.model.Declaration;
import dev.vmctl.model.EnvVariable;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.PolicyFields;
import dev.vmctl.model.ProvisionStep;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmFields;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a VM was before, and the way back. */
class HistoryTest extends SimulationFixture {
  HistoryTest() {
    super(11);
  }

  @BeforeEach
  void start() {
    simulation.world.images.present.add("/images/b.qcow2");
  }

  private static Declaration web(long memory) {
    return vm("web", values -> values.put(VmFields.MEMORY, memory));
  }

  private static Declaration on(String image) {
    return vm("web", values -> values.put(VmFields.IMAGE, Path.of(image)));
  }

  private void applied(Declaration declaration) {
    simulation.declare(declaration);
    pass();
    simulation.untilReady("web");
  }

  private void pass() {
    simulation.timeline.pass(Duration.ofSeconds(30));
  }

  private long memory() {
    return simulation.process("web").facts.memoryMb();
  }

  @Test
  void eachEditIsAGenerationThatIsKept() {
    applied(web(512));
    applied(web(1024));
    applied(web(2048));

    HistoryView history = simulation.vmctl.history(WEB);
    assertThat(history.generations())
        .extracting(GenerationView::generation)
        .containsExactly(3L, 2L, 1L);
    assertThat(history.generations().getFirst().current()).isTrue();
    assertThat(history.generations().getFirst().changes())
        .containsExactly(new FieldChange("memory", "1024", "2048", "restart"));
    assertThat(history.generations()).allMatch(GenerationView::applied);
    DiffView diff = simulation.vmctl.diff(WEB, 1L);
    assertThat(diff.changes()).containsExactly(new FieldChange("memory", "512", "2048", "restart"));
    assertThat(diff.rollbackClass()).isEqualTo("restart");
    assertThat(simulation.vmctl.diff(WEB, null).from()).isEqualTo(2);
  }

  @Test
  void aRollbackHoldsUntilTheNextEdit() {
    applied(web(512));
    applied(web(1024));
    UUID disk = simulation.disk("web");

    RollbackView back = simulation.vmctl.rollback(WEB, null);
    pass();
    simulation.untilReady("web");

    assertThat(back.to()).isEqualTo(1);
    assertThat(memory()).isEqualTo(512);
    assertThat(simulation.disk("web")).isEqualTo(disk);
    assertThat(simulation.status("web").summary().pinned()).isEqualTo(1);
    simulation.restart();
    simulation.declare(web(1024));
    pass();
    assertThat(memory()).as("the same declaration is no edit").isEqualTo(512);

    applied(web(768));
    assertThat(memory()).isEqualTo(768);
    assertThat(simulation.status("web").summary().pinned()).isNull();
  }

  @Test
  void anEditThatSaysWhatIsInForceDisturbsNothing() {
    applied(web(512));
    applied(web(1024));
    simulation.vmctl.rollback(WEB, 1L);
    pass();
    simulation.untilReady("web");
    long pid = simulation.process("web").facts.pid();

    applied(web(512));

    assertThat(simulation.process("web").facts.pid()).isEqualTo(pid);
    assertThat(simulation.status("web").summary().pinned()).isNull();
  }

  @Test
  void whoRollsBackToWhatTheFileSaysIsNotPinned() {
    applied(web(512));
    applied(web(1024));
    simulation.vmctl.rollback(WEB, 1L);
    pass();
    RollbackView forth = simulation.vmctl.rollback(WEB, 2L);
    pass();
    simulation.untilReady("web");
    assertThat(forth.pinned()).isFalse();
    assertThat(memory()).isEqualTo(1024);
    assertThat(simulation.status("web").summary().pinned()).isNull();
    assertThat(simulation.status("web").conditions())
        .noneMatch(each -> each.type().equals("OutOfSync"));
  }

  @Test
  void theDiskOfThenComesBackFromTheTrash() {
    applied(on("/images/base.qcow2"));
    UUID disk = simulation.disk("web");
    applied(on("/images/b.qcow2"));
    assertThat(simulation.disk("web")).isNotEqualTo(disk);
    simulation.world.images.present.remove("/images/base.qcow2");

    RollbackView back = simulation.vmctl.rollback(WEB, 1L);
    pass();
    simulation.untilReady("web");

    assertThat(back.disk()).isNotNull();
    assertThat(simulation.disk("web")).isEqualTo(disk);
    assertThat(simulation.world.disks.trash).hasSize(1);
    simulation.vmctl.rollback(WEB, 2L);
    pass();
    simulation.untilReady("web");
    assertThat(simulation.disk("web")).as("and forth again").isNotEqualTo(disk);
    assertThat(simulation.world.disks.trash)
        .extracting(entry -> entry.diskId())
        .containsExactly(disk);
  }

  @Test
  void stepsThatHaveRunOnTheDiskOfThenAreNotRunAgain() {
    simulation.declare(steps("/images/base.qcow2"));
    simulation.untilReady("web");
    simulation.declare(steps("/images/b.qcow2"));
    pass();
    simulation.untilReady("web");
    assertThat(simulation.world.guests.provisionings).isEqualTo(2);

    simulation.vmctl.rollback(WEB, 1L);
    pass();
    simulation.untilReady("web");
    assertThat(simulation.world.guests.provisionings).isEqualTo(2);
  }

  private static Declaration steps(String image) {
    return vm(
        "web",
        values -> {
          values.put(VmFields.IMAGE, Path.of(image));
          values.put(VmFields.PROVISION, List.of(new ProvisionStep.Inline("true")));
        });
  }

  @Test
  void aGenerationWhoseImageIsGoneIsRefusedBeforeAnythingIsTouched() {
    applied(on("/images/base.qcow2"));
    applied(on("/images/b.qcow2"));
    simulation.vmctl.emptyTrash(List.of());
    simulation.world.images.cached.remove("/images/base.qcow2");
    long pid = simulation.process("web").facts.pid();

    assertRefused(() -> simulation.vmctl.rollback(WEB, 1L), ErrorCode.IMAGE_NOT_FOUND);
    pass();
    assertThat(simulation.process("web").facts.pid()).isEqualTo(pid);
    assertThat(simulation.status("web").summary().pinned()).isNull();
  }

  @Test
  void aGenerationThatNobodyKnowsIsRefused() {
    applied(web(512));
    assertRefused(() -> simulation.vmctl.rollback(WEB, null), ErrorCode.GENERATION_UNKNOWN);
    assertRefused(() -> simulation.vmctl.rollback(WEB, 7L), ErrorCode.GENERATION_UNKNOWN);
    assertRefused(() -> simulation.vmctl.diff(WEB, 7L), ErrorCode.GENERATION_UNKNOWN);
  }

  @Test
  void whatMustNotBeDestroyedIsNotReplacedOnTheWayBack() {
    applied(on("/images/base.qcow2"));
    applied(on("/images/b.qcow2"));
    applied(
        vm(
            "web",
            values -> {
              values.put(VmFields.IMAGE, Path.of("/images/b.qcow2"));
              values.put(PolicyFields.PREVENT_DESTROY, true);
            }));
    assertRefused(() -> simulation.vmctl.rollback(WEB, 1L), ErrorCode.DESTROY_PREVENTED);
  }

  private static Declaration secret(long memory, EnvVariable... env) {
    return vm(
        "web",
        values -> {
          values.put(VmFields.MEMORY, memory);
          values.put(VmFields.ENV, List.of(env));
        });
  }

  @Test
  void secretsAreThoseOfToday() {
    applied(secret(512, new EnvVariable("TOKEN", "old", null)));
    applied(secret(1024, new EnvVariable("TOKEN", "new", null)));
    assertThat(simulation.store.history(WEB).toString()).doesNotContain("old");
    assertThat(simulation.vmctl.diff(WEB, 1L).unknown()).containsExactly("TOKEN");

    RollbackView back = simulation.vmctl.rollback(WEB, 1L);

    assertThat(back.notes()).singleElement().asString().contains("TOKEN");
    assertThat(simulation.record("web").desired().spec().env().getFirst().value()).isEqualTo("new");
    assertThat(simulation.record("web").desired().spec().memoryMb()).isEqualTo(512);
  }

  @Test
  void aSecretThatNobodyHasAnyMoreIsToldByItsName() {
    applied(secret(512, new EnvVariable("TOKEN", "old", null)));
    applied(web(1024));
    assertThatThrownBy(() -> simulation.vmctl.rollback(WEB, 1L))
        .hasMessageContaining("TOKEN")
        .isInstanceOfSatisfying(
            VmException.class,
            no -> assertThat(no.code()).isEqualTo(ErrorCode.GENERATION_INCOMPLETE));
  }

  @Test
  void aHeldVmGoesBackToASmallerDiskThatIsInTheTrash() {
    applied(sized("/images/base.qcow2", 2L << 30));
    UUID disk = simulation.disk("web");
    applied(sized("/images/b.qcow2", 4L << 30));
    simulation.vmctl.stop(WEB, Duration.ofSeconds(5));
    pass();

    simulation.vmctl.rollback(WEB, 1L);
    simulation.vmctl.start(WEB);
    pass();
    simulation.untilReady("web");

    assertThat(simulation.disk("web")).isEqualTo(disk);
  }

  private static Declaration sized(String image, long bytes) {
    return vm(
        "web",
        values -> {
          values.put(VmFields.IMAGE, Path.of(image));
          values.put(VmFields.DISK, bytes);
        });
  }

  @Test
  void aHeldVmIsRolledBackAtItsNextStart() {
    applied(web(512));
    applied(web(1024));
    simulation.vmctl.stop(WEB, Duration.ofSeconds(5));
    pass();
    simulation.vmctl.rollback(WEB, 1L);
    pass();
    assertThat(simulation.isUp("web")).isFalse();
    simulation.vmctl.start(WEB);
    pass();
    simulation.untilReady("web");
    assertThat(memory()).isEqualTo(512);
  }
}
