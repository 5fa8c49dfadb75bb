package dev.vmctl.controller;

import static dev.vmctl.controller.Simulation.vm;
import static org.assertj.core.api.Assertions.assertThat;

import dev.vmctl.api.ApplyRequest;
import dev.vmctl.model.Declaration;
import dev.vmctl.model.Dependency;
import dev.vmctl.model.Dependency.Until;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.PolicyFields;
import dev.vmctl.model.ProvisionStep;
import dev.vmctl.model.SourceId;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmFields;
import dev.vmctl.model.VmName;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class OrderTest extends SimulationFixture {
  private static final VmName DB = new VmName("db");
  private static final Duration SECOND = Duration.ofSeconds(1);

  private static Declaration needing(String name, Until until, String... others) {
    return vm(
        name,
        values ->
            values.put(
                PolicyFields.DEPENDS_ON,
                Stream.of(others).map(each -> new Dependency(new VmName(each), until)).toList()));
  }

  private boolean isThere(String name) {
    return simulation.exists(name) && simulation.isUp(name);
  }

  private String reasonOfReady(String name) {
    return simulation.condition(name, "Ready").reason();
  }

  @Test
  void aVmStartsWhenThatItDependsOnIsReady() {
    simulation.declare(needing("web", Until.READY, "db"), vm("db"));
    simulation.timeline.until(() -> isThere("db"), Duration.ofMinutes(1));
    pass(SECOND);
    assertThat(isThere("web")).isFalse();
    assertThat(reasonOfReady("web")).isEqualTo("WaitingForDependency");
    assertThat(simulation.status("web").activity()).contains("db", "ready");
    assertThat(Objects.requireNonNull(simulation.status("web").policy()).dependsOn())
        .containsExactly("db until ready");
    simulation.timeline.until(() -> isThere("web"), Duration.ofMinutes(1));
    assertThat(simulation.isReady("db")).isTrue();
    simulation.untilReady("web", "db");
  }

  @Test
  void runningIsEnoughWhereThatIsDeclared() {
    simulation.world.guests.bootTime = Duration.ofMinutes(3);
    simulation.declare(needing("web", Until.RUNNING, "db"), vm("db"));
    simulation.timeline.until(() -> isThere("web"), Duration.ofMinutes(1));
    assertThat(simulation.isReady("db")).isFalse();
  }

  @Test
  void provisionedMeansThatTheStepsHaveRun() {
    Declaration db =
        vm(
            "db",
            values ->
                values.put(VmFields.PROVISION, List.of(new ProvisionStep.Inline("make tables"))));
    simulation.declare(needing("web", Until.PROVISIONED, "db"), db);
    simulation.timeline.until(() -> isThere("web"), Duration.ofMinutes(2));
    assertThat(simulation.world.guests.provisioned).containsExactly("db");
  }

  @Test
  void aHostThatBootsBringsThemUpInTheSameOrder() {
    simulation.declare(needing("a", Until.READY, "b"), needing("b", Until.READY, "c"), vm("c"));
    simulation.untilReady("a", "b", "c");
    simulation.reboot();
    simulation.timeline.until(() -> isThere("c"), Duration.ofMinutes(1));
    assertThat(isThere("a") || isThere("b")).isFalse();
    simulation.timeline.until(() -> isThere("b"), Duration.ofMinutes(1));
    assertThat(isThere("a")).isFalse();
    simulation.untilReady("a", "b", "c");
  }

  @Test
  void anEngineThatComesLaterHoldsNothingBackThatRuns() {
    simulation.declare(needing("web", Until.READY, "db"), vm("db"));
    simulation.untilReady("web", "db");
    simulation.world.guests.bootTime = Duration.ofHours(1);
    simulation.world.kill(simulation.record("db").uuid());
    simulation.restart();
    pass(Duration.ofMinutes(1));
    assertThat(isThere("web")).as("it is not stopped for that").isTrue();
    assertThat(simulation.isReady("web")).isTrue();
  }

  @Test
  void aVmWaitsInVainForOneThatIsHeldAndSaysSoAndFollowsWhenThatComes() {
    simulation.declare(vm("db"));
    simulation.untilReady("db");
    simulation.vmctl.stop(DB, SECOND);
    pass(SECOND.multipliedBy(5));
    simulation.declare(needing("web", Until.READY, "db"), vm("db"));
    pass(SECOND.multipliedBy(10));
    assertThat(simulation.failure("web").code()).isEqualTo("vm.dependency_failed");
    assertThat(simulation.failure("web").message()).contains("db", "held stopped");
    assertThat(simulation.status("web").settled()).as("who waits is told").isTrue();
    simulation.vmctl.start(DB);
    simulation.untilReady("web", "db");
    assertThat(simulation.status("web").failure()).isNull();
  }

  @Test
  void aVmThatDependsOnNothingThatThereIsSaysSo() {
    simulation.declare(needing("web", Until.READY, "bd"));
    pass(SECOND.multipliedBy(10));
    assertThat(simulation.failure("web").message()).contains("bd", "no such VM");
    assertThat(isThere("web")).isFalse();
  }

  @Test
  void startingOneStartsWhatItDependsOn() {
    simulation.declare(needing("web", Until.READY, "db"), vm("db"));
    simulation.untilReady("web", "db");
    simulation.vmctl.stop(WEB, SECOND);
    simulation.vmctl.stop(DB, SECOND);
    pass(SECOND.multipliedBy(10));
    assertThat(isThere("web") || isThere("db")).isFalse();
    simulation.vmctl.start(WEB);
    simulation.untilReady("web", "db");
  }

  @Test
  void applyingOneAppliesWhatItDependsOnAndNothingElse() {
    simulation.vmctl.apply(
        new ApplyRequest(
            SourceId.file(Simulation.FILE),
            List.of(
                needing("web", Until.READY, "db"),
                needing("db", Until.READY, "fs"),
                vm("fs"),
                vm("other")),
            Set.of(WEB),
            false,
            false,
            ApplyRequest.Provisioning.AS_NEEDED));
    simulation.untilReady("web", "db", "fs");
    assertThat(simulation.exists("other")).isFalse();
  }

  @Test
  void whatGoesDownTogetherGoesDownInReverseOrder() {
    simulation.declare(needing("web", Until.READY, "db"), vm("db"));
    simulation.untilReady("web", "db");
    simulation.world.hypervisor.stopTime = SECOND.multipliedBy(10);
    simulation.vmctl.drain(WEB, SECOND.multipliedBy(30));
    simulation.vmctl.drain(DB, SECOND.multipliedBy(30));
    simulation.timeline.until(() -> !isThere("web"), Duration.ofMinutes(2));
    assertThat(isThere("db")).isTrue();
    simulation.timeline.until(() -> !isThere("db"), Duration.ofMinutes(2));
  }

  @Test
  void oneThatGoesDownAloneWaitsForNobody() {
    simulation.declare(needing("web", Until.READY, "db"), vm("db"));
    simulation.untilReady("web", "db");
    simulation.vmctl.stop(DB, SECOND);
    pass(SECOND.multipliedBy(3));
    assertThat(isThere("db")).isFalse();
    assertThat(isThere("web")).isTrue();
  }

  @Test
  void removedTogetherTheyAreRemovedInReverseOrder() {
    simulation.declare(
        vm("a"), needing("z", Until.READY, "a"), vm("k1"), vm("k2"), vm("k3"), vm("k4"));
    simulation.untilReady("a", "z");
    simulation.declare(vm("k1"), vm("k2"), vm("k3"), vm("k4"));
    simulation.timeline.until(() -> !simulation.exists("z"), Duration.ofMinutes(2));
    assertThat(simulation.events().indexOf("Undeclared")).isNotNegative();
    simulation.timeline.until(() -> !simulation.exists("a"), Duration.ofMinutes(2));
    List<String> removed =
        simulation.engine.parts().journal().read().stream()
            .filter(event -> event.reason().equals("Removed"))
            .map(event -> String.valueOf(event.vm()))
            .toList();
    assertThat(removed).containsExactly("z", "a");
  }

  @Test
  void aFailureOfTheOtherIsTold() {
    simulation.world.guests.notReady =
        new VmException(ErrorCode.GUEST_NOT_READY, "not in time", "see");
    simulation.declare(needing("web", Until.READY, "db"), vm("db"));
    pass(SECOND.multipliedBy(20));
    assertThat(simulation.failure("web").message()).contains("db", "not in time");
  }
}
