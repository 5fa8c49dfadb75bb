package dev.vmctl.hypervisor.propolis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmctl.faults.Area;
import dev.vmctl.faults.Fault;
import dev.vmctl.faults.Seen;
import dev.vmctl.host.ToolResult;
import dev.vmctl.host.fake.FakeDladm;
import dev.vmctl.host.fake.FakeZones;
import dev.vmctl.host.fake.HostCrash;
import dev.vmctl.hypervisor.Launch;
import dev.vmctl.hypervisor.Observation;
import dev.vmctl.hypervisor.propolis.FakePropolisServer.Mishap;
import dev.vmctl.hypervisor.propolis.PropolisSettings.SeedWay;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.NetworkSpec;
import dev.vmctl.model.VmFields;
import java.time.Duration;
import java.util.Objects;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a host and its servers do wrong, and crashes at every command. */
class PropolisFailureTest extends PropolisFixture {
  @Test
  void namesThatIllumosCannotTakeAreRefusedBeforeAnythingIsMade() {
    Launch launch =
        launch(web, values -> values.put(VmFields.NETWORK, new NetworkSpec.Vnic("web-nic")));
    assertFails(
        () -> hypervisor.checkDeclared(launch.spec(), null),
        ErrorCode.VMFILE_VALIDATION,
        "web-nic");
    Launch global = launch(illumos.handle("global"), values -> {});
    assertFails(
        () -> hypervisor.checkDeclared(global.spec(), null), ErrorCode.VM_NAME_INVALID, "global");
    hypervisor.checkDeclared(launch().spec(), null);
  }

  @Test
  void whatTheServerSaysOfAnotherVmIsUnknown() {
    hypervisor.start(launch());
    illumos
        .server("web")
        .next(
            "GET /instance",
            new Mishap.Nonsense(
                "{\"instance\":{\"properties\":{\"id\":\""
                    + UUID.randomUUID()
                    + "\"},\"state\":\"Running\"}}"));
    assertThat(hypervisor.observe(web))
        .isInstanceOfSatisfying(
            Observation.Unknown.class, unknown -> assertThat(unknown.why()).contains("another VM"));
  }

  @Test
  @Fault(area = Area.BACKENDS, value = "a zone that is not ours has the VM's name")
  void aZoneOfTheVmsNameThatIsNotOursIsNeverTouched(Seen seen) {
    FakeZones.Zone theirs = illumos.host.zones.add("web", "running", "/zones/web");
    assertThat(hypervisor.observe(web)).isEqualTo(ABSENT);
    seen.failed(assertFails(() -> hypervisor.start(launch()), ErrorCode.ZONE_FOREIGN, "web"));
    hypervisor.kill(web);
    hypervisor.reap(web);
    assertThat(illumos.host.zones.zones).containsOnlyKeys("web");
    assertThat(theirs.state).isEqualTo("running");
    assertThat(illumos.host.dladm.vnics).isEmpty();
  }

  @Test
  @Fault(area = Area.BACKENDS, value = "a VNIC has the name of a VM's already")
  void aVnicOfAnotherIsNeverTaken(Seen seen) {
    FakeDladm.Link theirs = new FakeDladm.Link("net0", "2:8:20:0:0:1");
    illumos.host.dladm.vnics.put("vnic7", theirs);
    Launch launch =
        launch(web, values -> values.put(VmFields.NETWORK, new NetworkSpec.Vnic("vnic7")));
    seen.failed(assertFails(() -> hypervisor.start(launch), ErrorCode.VNIC_TAKEN, "vnic7"));
    assertThat(illumos.host.dladm.vnics).containsOnlyKeys("vnic7").containsValue(theirs);
    assertThat(illumos.host.zones.zones).isEmpty();
  }

  @Test
  @Fault(area = Area.BACKENDS, value = "a zone of ours is in a state that we never bring about")
  void aZoneOfOursInAForeignStateIsToldAndLeft(Seen seen) {
    hypervisor.start(launch());
    Objects.requireNonNull(illumos.zone("web")).state = "mounted";
    seen.failed(assertFails(() -> hypervisor.kill(web), ErrorCode.ZONE_STATE, "mounted"));
    assertThat(illumos.zone("web")).isNotNull();
    Objects.requireNonNull(illumos.zone("web")).state = "running";
    hypervisor.kill(web);
    assertNothingIsLeft();
  }

  @Test
  @Fault(area = Area.BACKENDS, value = "a command of illumos fails")
  void aFailedCommandIsToldWithItsWords(Seen seen) {
    illumos.host.failures.put(
        "zoneadm -z web boot", new ToolResult(1, "", "zoneadm: zone 'web': no memory\n"));
    seen.failed(
        assertFails(
            () -> hypervisor.start(launch()), ErrorCode.HOST_COMMAND_FAILED, "no memory", "boot"));
    assertNothingIsLeft();
  }

  @Test
  @Fault(area = Area.BACKENDS, value = "propolis-server rejects what a VM is to be")
  void aSpecThatTheServerRejectsLeavesNothing(Seen seen) {
    Launch launch = launch(web, values -> values.put(VmFields.VCPUS, 33));
    seen.failed(
        assertFails(
            () -> hypervisor.start(launch), ErrorCode.PROPOLIS_SPEC_REJECTED, "processors"));
    assertNothingIsLeft();
    illumos.server("web").violations.clear(); // Our own document knows the limit too.
  }

  @Test
  void anInstanceThatFailsToStartLeavesNothing() {
    illumos.onServer = server -> server.inside.failsToStart = true;
    assertFails(() -> hypervisor.start(launch()), ErrorCode.PROPOLIS_FAILED, "web");
    assertNothingIsLeft();
  }

  @Test
  @Fault(area = Area.BACKENDS, value = "propolis-server is older than the API that is spoken")
  void aServerThatIsTooOldIsTold(Seen seen) {
    illumos.onServer = server -> server.latest = new ApiVersion(1, 0, 0);
    seen.failed(
        assertFails(() -> hypervisor.start(launch()), ErrorCode.PROPOLIS_API_VERSION, "2.0.0"));
    assertNothingIsLeft();
  }

  @Test
  void aServerThatNeverListensIsTold() {
    illumos.startsServers = false;
    PropolisSettings usual = illumos.settings(SeedWay.AUTO);
    try (PropolisHypervisor impatient =
        illumos.hypervisor(
            guests,
            new PropolisSettings(
                usual.host(),
                usual.apiVersion(),
                usual.seed(),
                usual.home(),
                usual.bootRom(),
                usual.brand(),
                usual.zones(),
                usual.controlLink(),
                usual.control(),
                usual.port(),
                usual.guestLink(),
                usual.answer(),
                Duration.ofMillis(300),
                usual.end()))) {
      assertFails(
          () -> impatient.start(launch()), ErrorCode.PROPOLIS_UNREACHABLE, "nothing listens");
    }
    assertNothingIsLeft();
  }

  @ParameterizedTest
  @ValueSource(strings = {"PUT /instance", "PUT /instance/state"})
  void aFailureInTheMiddleOfAStartLeavesNothing(String request) {
    illumos.onServer = server -> server.next(request, new Mishap.Status(500));
    assertFails(() -> hypervisor.start(launch()), ErrorCode.PROPOLIS_FAILED, "500");
    assertNothingIsLeft();
    illumos.onServer = server -> {};
    hypervisor.start(launch());
  }

  @Test
  void anInstanceWhoseAnswerWasLostIsNotMadeTwice() {
    illumos.onServer = server -> server.next("PUT /instance", new Mishap.LostAnswer());
    hypervisor.start(launch());
    assertThat(illumos.inside("web").ensures).isEqualTo(1);
    assertThat(hypervisor.observe(web)).isInstanceOf(Observation.Running.class);
  }

  @Test
  void aCrashAtEveryCommandLeavesWhatTheNextRunRepairs() {
    illumos.host.crashAt(Integer.MAX_VALUE, false);
    hypervisor.start(launch());
    int steps = illumos.host.calm();
    hypervisor.kill(web);
    assertThat(steps).isGreaterThan(8);
    for (int step = 0; step < steps; step++) {
      for (boolean after : new boolean[] {false, true}) {
        crashAt(step, after);
      }
    }
  }

  private void crashAt(int step, boolean after) {
    illumos.host.crashAt(step, after);
    assertThatThrownBy(() -> hypervisor.start(launch())).isInstanceOf(HostCrash.class);
    illumos.host.revive();
    hypervisor.close();
    open();
    Observation seen = hypervisor.observe(web);
    if (seen instanceof Observation.Exited) {
      hypervisor.reap(web);
    } else {
      // By what is not seen nothing may be left over.
      assertThat(seen).as("step " + step + ", after " + after).isEqualTo(ABSENT);
    }
    assertNothingIsLeft();
  }

  @Test
  void aCrashAtEveryCommandOfAnEndLeavesWhatTheNextRunClearsAway() {
    hypervisor.start(launch());
    illumos.host.crashAt(Integer.MAX_VALUE, false);
    hypervisor.kill(web);
    int steps = illumos.host.calm();
    for (int step = 0; step < steps; step++) {
      hypervisor.start(launch());
      illumos.host.crashAt(step, step % 2 == 0);
      assertThatThrownBy(() -> hypervisor.kill(web)).isInstanceOf(HostCrash.class);
      illumos.host.revive();
      hypervisor.kill(web);
      assertNothingIsLeft();
    }
  }
}
