package dev.vmctl.hypervisor.propolis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmctl.hypervisor.propolis.FakePropolisServer.Mishap;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.NetworkSpec;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmFields;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** VMs of propolis, by the whole engine. */
class PropolisEngineTest extends PropolisEngineFixture {
  @Test
  void aVmConvergesHealsIsReloadedAndDestroyed() {
    up();
    awaitReady();
    assertThat(status().summary().backend()).isEqualTo("propolis");
    FakePropolis first = illumos.inside("web");

    illumos.endServer("web");
    until(() -> illumos.hasServerOtherThan(first, "web"));
    awaitReady();
    assertThat(status().restarts()).isEqualTo(1);

    vmctl.reload(WEB, true);
    until(() -> !vmctl.trash().isEmpty());
    awaitReady();

    vmctl.destroy(WEB, false);
    until(() -> vmctl.list().isEmpty());
    assertThat(illumos.host.zones.zones).isEmpty();
    assertThat(illumos.host.dladm.vnics).isEmpty();
    assertThat(vmctl.trash()).hasSize(2);
  }

  @Test
  void aGuestThatPowersItselfOffStaysOffUntilItIsStarted() {
    up();
    awaitReady();
    illumos.inside("web").powerOff();
    until(() -> illumos.host.zones.zones.isEmpty());
    awaitState("stopped");
    assertThat(status().conditions())
        .anySatisfy(condition -> assertThat(condition.reason()).isEqualTo("GuestShutdown"));
    vmctl.start(WEB);
    awaitReady();
  }

  @Test
  void failuresOfTheServerAreOutlived() {
    List<Consumer<FakePropolisServer>> troubles =
        new ArrayList<>(
            List.of(
                server -> server.next("PUT /instance", new Mishap.Status(500)),
                server -> server.next("PUT /instance/state", new Mishap.Reset()),
                server -> {
                  server.next("PUT /instance", new Mishap.LostAnswer());
                  server.next("GET /instance", new Mishap.Late(Duration.ofMillis(300)));
                  server.next(
                      "GET /instance/state-monitor", new Mishap.Late(Duration.ofMillis(300)));
                }));
    illumos.onServer =
        server -> {
          if (!troubles.isEmpty()) {
            troubles.removeFirst().accept(server);
          }
        };
    up();
    awaitReady();
    assertThat(troubles).isEmpty();
    assertThat(illumos.inside("web").ensures).isEqualTo(1);
    assertThat(status().failure()).isNull();
  }

  @Test
  void aServerThatFallsSilentIsUnknownAndLeftAlone() {
    up();
    awaitReady();
    FakePropolis inside = illumos.inside("web");
    illumos.server("web").overloaded = true;
    engine.wake(WEB);
    until(() -> status().summary().state().equals("unknown"));
    illumos.server("web").overloaded = false;
    engine.wake(WEB);
    awaitReady();
    assertThat(illumos.inside("web")).isSameAs(inside);
    assertThat(inside.stops).isZero();
  }

  @Test
  void anotherEngineAdoptsWhatRuns() {
    up();
    awaitReady();
    FakePropolis inside = illumos.inside("web");
    restart();
    awaitReady();
    assertThat(illumos.inside("web")).isSameAs(inside);
    assertThat(inside.ensures).isEqualTo(1);
    // It is watched again as well: the end of its guest is noticed without a resync.
    inside.powerOff();
    awaitState("stopped");
  }

  @Test
  void anEditIsAppliedByARestartOnTheSameDisk() {
    up();
    awaitReady();
    FakePropolis before = illumos.inside("web");
    up(values -> values.put(VmFields.MEMORY, 4096L));
    until(() -> illumos.inside("web") != before);
    awaitReady();
    assertThat(
            Objects.requireNonNull(illumos.inside("web").ensured)
                .at("/init/value/spec/board/memory_mb")
                .asInt())
        .isEqualTo(4096);
    assertThat(vmctl.trash()).isEmpty();
    assertThat(before.stops).isZero();
  }

  @Test
  void whatPropolisCannotDoIsRefusedAndTheVmRunsOn() {
    up();
    awaitReady();
    assertThatThrownBy(() -> vmctl.suspend(WEB))
        .isInstanceOfSatisfying(
            VmException.class,
            refused -> {
              assertThat(refused.code()).isEqualTo(ErrorCode.CAPABILITY_MISSING);
              assertThat(refused).hasMessage("suspend is not supported by propolis");
            });
    assertThatThrownBy(() -> up(values -> values.put(VmFields.NETWORK, new NetworkSpec.Tap("br0"))))
        .isInstanceOfSatisfying(
            VmException.class,
            refused -> assertThat(refused.code()).isEqualTo(ErrorCode.CAPABILITY_MISSING));
    assertThat(status().summary().state()).isEqualTo("running");
  }

  @Test
  void aForeignZoneOfItsNameStallsTheVmAndIsLeftAlone() {
    illumos.host.zones.add("web", "running", "/zones/web");
    up();
    until(() -> status().failure() != null);
    assertThat(Objects.requireNonNull(status().failure()).code())
        .isEqualTo(ErrorCode.ZONE_FOREIGN.text());
    vmctl.destroy(WEB, true);
    until(() -> vmctl.list().isEmpty());
    assertThat(illumos.host.zones.zones).containsOnlyKeys("web");
  }
}
